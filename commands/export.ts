import { Args, Flags } from '@oclif/core'

import { LlmrCommand } from '../src/cli/command.ts'
import { CliError } from '../src/cli/cli-error.ts'
import { sourceFlags } from '../src/cli/source-flags.ts'
import { untilInterrupted } from '../src/cli/until-interrupted.ts'

const tables = ['turns', 'pairs', 'tool-calls', 'flows', 'flow-steps', 'flow-sources'] as const

export default class Export extends LlmrCommand {
  static override summary = 'Write what is kept to a file that analysts can read.'
  static override description =
    'turns: every request with what was said. pairs: questions with their answers. tool-calls: what models called. flows, ' +
    'flow-steps, flow-sources: which way requests took, without a word of what was said. Read page by page, so memory does not ' +
    'grow with the file, and the gateway goes on. The file appears when it is whole; an export that was stopped goes on with ' +
    '--resume.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> turns --since 7d --out turns.jsonl',
    {
      description: 'A month, with types',
      command:
        '<%= config.bin %> <%= command.id %> flow-steps --from 2026-11-01 --to 2026-12-01 --format parquet --out november.parquet',
    },
    {
      description: 'Day by day: each run ends where the next one begins, and workers are through with that time',
      command:
        '<%= config.bin %> <%= command.id %> pairs --from 2026-11-23 --to 2026-11-24 --out pairs-23.csv --format csv',
    },
    {
      description: 'As a table of a DuckDB database',
      command: '<%= config.bin %> <%= command.id %> flows --format duckdb --out llmr.duckdb',
    },
  ]
  static override args = {
    table: Args.string({ required: true, options: [...tables], description: 'What to write.' }),
  }
  static override flags = {
    format: Flags.option({ options: ['jsonl', 'csv', 'parquet', 'duckdb'] as const })({
      summary: 'duckdb needs its command line tool, and adds a table to the database --out.',
      default: 'jsonl' as const,
    }),
    out: Flags.string({ summary: 'File to write; it is replaced if it is there.', required: true, helpValue: 'FILE' }),
    from: Flags.string({
      summary: 'Begin: a day, or a moment such as 2026-11-24T08:00:00Z. Default: the first there is.',
      helpValue: 'TIME',
    }),
    to: Flags.string({ summary: 'End, itself not included. Default: now.', helpValue: 'TIME' }),
    since: Flags.string({
      summary: 'Instead of --from: so long ago, such as 36h or 7d.',
      exclusive: ['from'],
      helpValue: 'DURATION',
    }),
    tenant: Flags.string({ summary: 'Of this tenant alone.', helpValue: 'NAME' }),
    resume: Flags.boolean({ summary: 'Go on with an export to this file that was stopped.' }),
    ...sourceFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Export)
    const { exportNames } = await import('../src/store/export/exported-tables.ts')
    const { exportRange } = await import('../src/cli/export-range.ts')
    const { withRecords } = await import('../src/gateway/operating/source/with-source.ts')
    const { writeDuckdb } = await import('../src/gateway/operating/export/write-duckdb.ts')
    const { writeExport } = await import('../src/gateway/operating/export/write-export.ts')
    const { storeFailure } = await import('../src/cli/store-failure.ts')

    if (flags.resume && (flags.format === 'parquet' || flags.format === 'duckdb')) throw whole(flags.format)
    const table = exportNames.find((name) => name === args.table) ?? 'turns'
    const wanted = {
      table,
      ...exportRange(flags, Date.now()),
      ...(flags.tenant !== undefined && { tenant: flags.tenant }),
    }
    const { format, out: file, resume: resumes } = flags
    const { rows, range } = await untilInterrupted((signal) =>
      withRecords({ ...flags, version: this.config.version }, ({ exportPage: nextPage }) =>
        format === 'duckdb'
          ? writeDuckdb({ range: wanted, file, signal }, nextPage)
          : writeExport({ range: wanted, format, file, resumes, signal }, nextPage),
      ),
    ).catch(storeFailure)
    this.log(file)
    const [from, to] = [range.fromMs, range.toMs].map((ms) => new Date(ms).toISOString())
    this.logToStderr(`${rows} rows of ${table}. An export that goes on from here begins with --from ${to}.`)
    return { file, table, format, rows, from, to }
  }
}

function whole(format: string): CliError {
  return new CliError(`--resume: a file of ${format} is written as a whole, so nobody can go on with one.`, {
    code: 'invalid_flag',
    exitCode: 2,
    nextSteps: ['Export shorter stretches with --from and --to, or as jsonl or csv.'],
  })
}
