import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { promisify } from 'node:util'

import { CliError } from '../../../cli/cli-error.ts'
import type { ExportRange } from '../../../store/export/export-page.ts'
import type { NextPage } from './export-source.ts'
import { type Exported, writeExport } from './write-export.ts'

export interface DuckdbWish {
  readonly range: ExportRange
  /** The database; made unless it is there. Its table of this name is replaced, all at once. */
  readonly file: string
  readonly signal?: AbortSignal
}

const loadTimeoutMs = 3_600_000

/**
 * Writes a table into a DuckDB database, by way of a Parquet file and DuckDB's own program: its library is a hundred times as
 * large as llmr, and who has such databases has the program.
 *
 * @throws CliError `duckdb_missing`, `duckdb_failed`
 */
export async function writeDuckdb({ range, file, signal }: DuckdbWish, nextPage: NextPage): Promise<Exported> {
  await duckdb(['--version'])
  const parquet = `${file}.${range.table}.parquet`
  try {
    const options = signal === undefined ? {} : { signal }
    const exported = await writeExport(
      { range, format: 'parquet', file: parquet, resumes: false, ...options },
      nextPage,
    )
    const table = `"${range.table.replaceAll('-', '_')}"`
    const path = `'${parquet.replaceAll("'", "''")}'`
    await duckdb([file, '-c', `create or replace table ${table} as select * from read_parquet(${path})`])
    return exported
  } finally {
    await rm(parquet, { force: true })
  }
}

async function duckdb(args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)('duckdb', args, { timeout: loadTimeoutMs })
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw new CliError('The program duckdb was not found, which makes the database.', {
        code: 'duckdb_missing',
        nextSteps: [
          'Install it, or write --format parquet and read that: duckdb FILE -c "create table t as from \'FILE.parquet\'".',
        ],
        cause,
      })
    }
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new CliError(`duckdb failed: ${words.slice(0, 500)}`, { code: 'duckdb_failed', cause })
  }
}
