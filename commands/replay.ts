import { Args, Flags } from '@oclif/core'

import { LlmrCommand } from '../src/cli/command.ts'
import { configFlag } from '../src/cli/config-flag.ts'
import type { TranscriptReplay } from '../src/gateway/operating/replay/replay-transcripts.ts'

export default class Replay extends LlmrCommand {
  static override summary = 'Tell what llmr would have done to the requests of a recorded agent run.'
  static override description =
    'Looks at each request as the gateway would: what kind it is, which rounds were sent twice, what had to be repaired, which ' +
    'rule of the loop guard stood at what count, how tools reach the model, and what would be sent. Nothing is asked, and the ' +
    'same file gives the same answer everywhere. Reads what `llmr record` writes, lists of OpenAI messages, bodies of ' +
    'requests in any dialect, captures, and JSON lines of these: docs/agents.md has the formats.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> docs/transcripts/reads-in-circles.jsonl',
    {
      description: 'Request by request in the terminal',
      command: '<%= config.bin %> <%= command.id %> run.jsonl --step',
    },
    { description: 'Many runs at a glance', command: '<%= config.bin %> <%= command.id %> runs/*.jsonl --summary' },
    {
      description: 'What another configuration would change, for CI',
      command: '<%= config.bin %> <%= command.id %> run.jsonl --diff llmr.new.yaml --fail-on differs',
    },
  ]
  static override args = {
    transcript: Args.string({ required: true, description: 'A transcript, or - for stdin. More may follow.' }),
  }
  static override strict = false
  static override flags = {
    config: configFlag,
    diff: Flags.string({ summary: 'Show only what this configuration would do otherwise.', helpValue: 'FILE' }),
    preset: Flags.option({
      summary: 'Preset of the loop guard, above the configured one.',
      options: ['progress', 'classic', 'off'] as const,
    })(),
    model: Flags.string({
      summary: 'Whose settings count. Default: the model that the transcript names.',
      helpValue: 'NAME',
    }),
    lane: Flags.option({
      summary: 'How tools reach the model, whatever is configured and recorded.',
      options: ['native', 'checked', 'raw', 'injected', 'final'] as const,
    })(),
    replies: Flags.boolean({ summary: 'Show what becomes of each reply, step by step.' }),
    sent: Flags.boolean({ summary: 'Show what is changed in each request, line by line.' }),
    step: Flags.boolean({
      summary: 'Walk through the requests in the terminal, with --diff through what it changes.',
      exclusive: ['json', 'summary', 'sent'],
    }),
    summary: Flags.boolean({ summary: 'A line for each run instead of one for each request.' }),
    'fail-on': Flags.option({
      summary:
        'Exit with 3 when the guard fired in any transcript, missed one, with --diff something differs, or something is ' +
        'unlike what a recording says was done.',
      options: ['fired', 'missed', 'differs', 'unlike'] as const,
    })(),
  }

  async run(): Promise<unknown> {
    const { argv, flags } = await this.parse(Replay)
    const { readInput } = await import('../src/cli/read-input.ts')
    const { toolcallsConfig, transcriptsOf } = await import('../src/gateway/operating/replay/replay-input.ts')
    const { replayTranscripts } = await import('../src/gateway/operating/replay/replay-transcripts.ts')
    const { replayReport } = await import('../src/gateway/operating/replay/replay-report.ts')
    const { formatDifference, formatReplay, replayDifferences } =
      await import('../src/gateway/operating/replay/format-replay.ts')

    const files = argv.map(String)
    const transcripts = (
      await Promise.all(files.map(async (file) => transcriptsOf(await readInput(file), file)))
    ).flat()
    const { preset, model, lane, diff, sent: showsSent, replies: showsReplies, 'fail-on': failOn } = flags
    const replays = replayTranscripts(transcripts, {
      preset,
      model,
      lane,
      toolcalls: await toolcallsConfig(flags.config),
    })
    if (failOn !== undefined && hasFound(replays, failOn)) this.foundSomething()
    const report = { transcripts: replays.map(replayReport) }
    if (flags.step) {
      const others =
        diff && replayTranscripts(transcripts, { preset, model, lane, toolcalls: await toolcallsConfig(diff) })
      await walkThrough(replays, others || undefined)
      return report
    }
    if (diff === undefined) {
      const { formatSummary } = await import('../src/gateway/operating/replay/format-summary.ts')
      this.log(
        flags.summary
          ? formatSummary(replays)
          : replays.map((replay) => formatReplay(replay, { showsSent, showsReplies })).join('\n\n'),
      )
      return report
    }
    const others = replayTranscripts(transcripts, { preset, model, lane, toolcalls: await toolcallsConfig(diff) })
    const differences = replays.flatMap((replay, index) => {
      const other = others[index]
      return other === undefined ? [] : replayDifferences(replay, other)
    })
    if (failOn === 'differs' && differences.length > 0) this.foundSomething()
    const words =
      differences.length === 0 ? 'No request is treated otherwise.' : differences.map(formatDifference).join('\n\n')
    this.log(words)
    return { ...report, others: others.map(replayReport), differences }
  }
}

/** What a diff finds is told with the diff. */
function hasFound(replays: readonly TranscriptReplay[], failOn: 'fired' | 'missed' | 'differs' | 'unlike'): boolean {
  if (failOn === 'differs') return false
  if (failOn === 'unlike') return replays.some(({ requests }) => requests.some(({ unlike }) => unlike !== undefined))
  return replays.some(({ hasFired }) => hasFired === (failOn === 'fired'))
}

/** @throws CliError `no_terminal` */
async function walkThrough(
  replays: readonly TranscriptReplay[],
  others: readonly TranscriptReplay[] | undefined,
): Promise<void> {
  if (!process.stdout.isTTY || !process.stdin.isTTY) {
    const { CliError } = await import('../src/cli/cli-error.ts')
    throw new CliError('--step needs a terminal, to show requests and to hear keys.', {
      code: 'no_terminal',
      exitCode: 2,
      nextSteps: ['Leave it out: what is done is printed then.', 'Give files, not -, which takes the keys.'],
    })
  }
  const { stepRuns } = await import('../src/gateway/operating/replay/step-runs.ts')
  const { openStep } = await import('../src/tui/step/open-step.ts')
  const termination = new AbortController()
  process.once('SIGTERM', () => termination.abort())
  const isPlain = (process.env['NO_COLOR'] ?? '') !== ''
  await openStep({ runs: stepRuns(replays, others), isPlain, signal: termination.signal })
}
