import { Args, Flags } from '@oclif/core'

import { LlmrCommand } from '../src/cli/command.ts'
import { configFlag } from '../src/cli/config-flag.ts'

export default class Replay extends LlmrCommand {
  static override summary = 'Tell what llmr would have done to the requests of a recorded agent run.'
  static override description =
    'Looks at each request as the gateway would: which rounds were sent twice, what had to be repaired, which rule of the ' +
    'loop guard stood at what count, and what would be sent. Nothing is asked, and the same file gives the same answer ' +
    'everywhere. Reads transcripts of llmr, lists of OpenAI messages, bodies of requests, and JSON lines of these: ' +
    'docs/agents.md has the formats.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> docs/transcripts/reads-in-circles.jsonl',
    {
      description: 'What another configuration would change, for CI',
      command: '<%= config.bin %> <%= command.id %> run.jsonl --diff llmr.new.yaml --fail-on fired',
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
    model: Flags.string({ summary: 'Whose settings count. Default: the model that the transcript names.' }),
    sent: Flags.boolean({ summary: 'Show the last message that would be sent, where something is changed.' }),
    'fail-on': Flags.option({
      summary: 'Exit with 3 when the guard fired in any transcript, or missed one.',
      options: ['fired', 'missed'] as const,
    })(),
  }

  async run(): Promise<unknown> {
    const { argv, flags } = await this.parse(Replay)
    const { readInput } = await import('../src/cli/read-input.ts')
    const { toolcallsConfig, transcriptsOf } = await import('../src/gateway/operating/replay/replay-input.ts')
    const { replayTranscripts } = await import('../src/gateway/operating/replay/replay-transcripts.ts')
    const { formatReplay, formatReplayDiff } = await import('../src/gateway/operating/replay/format-replay.ts')

    const files = argv.map(String)
    const transcripts = (
      await Promise.all(files.map(async (file) => transcriptsOf(await readInput(file), file)))
    ).flat()
    const settings = { preset: flags.preset, model: flags.model }
    const replayed = replayTranscripts(transcripts, { ...settings, toolcalls: await toolcallsConfig(flags.config) })
    const failOn = flags['fail-on']
    if (failOn !== undefined && replayed.some(({ hasFired }) => hasFired === (failOn === 'fired')))
      this.foundSomething()
    if (flags.diff === undefined) {
      this.log(replayed.map((replay) => formatReplay(replay, { showsSent: flags.sent })).join('\n\n'))
      return { transcripts: replayed }
    }
    const others = replayTranscripts(transcripts, { ...settings, toolcalls: await toolcallsConfig(flags.diff) })
    const differences = replayed.flatMap((replay, index) => {
      const other = others[index]
      return other === undefined ? [] : (formatReplayDiff(replay, other) ?? [])
    })
    this.log(differences.length === 0 ? 'No request is treated otherwise.' : differences.join('\n\n'))
    return { transcripts: replayed, diff: others }
  }
}
