import { Args, Flags } from '@oclif/core'

import type { ProbeReport } from '../../src/backends/probe/probe-report.ts'
import { LlmrCommand } from '../../src/cli/command.ts'
import { configFlag } from '../../src/cli/config-flag.ts'

export default class BackendsProbe extends LlmrCommand {
  static override summary = 'Ask each backend what it is, and whether its models really work.'
  static override description =
    'Says why a backend cannot be reached, what kind of engine it is, and which models it has, and makes the loaded ' +
    'ones infer: some models load well and crash when they compute. Measures reading and writing speed, and checks ' +
    'context, tools, images, embeddings and reranking where a model claims them, and says on which lane tools reach it. Loads nothing and costs nothing ' +
    'unless told to. Works without a running gateway.\n\nExits with 0 when all is well, 1 when something failed, 3 ' +
    'when there is something to note.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'One backend of llmr.yaml', command: '<%= config.bin %> <%= command.id %> gpu-box' },
    {
      description: 'An address that is not in llmr.yaml yet',
      command: '<%= config.bin %> <%= command.id %> --url http://192.168.1.20:11434',
    },
    {
      description: 'One model, loaded for it if need be',
      command: '<%= config.bin %> <%= command.id %> gpu-box --model qwen3:30b --load',
    },
  ]
  static override args = {
    name: Args.string({ description: 'Backend of llmr.yaml. Default: all of them, or what this machine runs.' }),
  }
  static override flags = {
    config: configFlag,
    url: Flags.string({
      summary: 'Probe this address instead of what llmr.yaml names.',
      description: 'Its API key, where it wants one, is read from LLMR_BACKEND_KEY.',
      helpValue: 'URL',
    }),
    kind: Flags.string({
      summary: 'Kind of engine at --url. Default: it is asked.',
      dependsOn: ['url'],
      helpValue: 'KIND',
    }),
    model: Flags.string({
      summary: 'Only models that match this name or glob; may be repeated.',
      multiple: true,
      helpValue: 'GLOB',
    }),
    load: Flags.boolean({ summary: 'Also probe models that have to be loaded first.' }),
    live: Flags.boolean({
      summary: 'Also give each model four small requests with tools, to find its lane.',
      description: 'What comes of it is remembered for the gateway of this machine: see agents.md.',
    }),
    paid: Flags.boolean({ summary: 'Also make requests that cost money.' }),
    timeout: Flags.integer({
      summary: 'Seconds for one inference, loading the model included.',
      default: 120,
      min: 1,
      helpValue: 'SECONDS',
    }),
  }

  async run(): Promise<{ readonly backends: readonly ProbeReport[] }> {
    const { args, flags } = await this.parse(BackendsProbe)
    const { probeTargets } = await import('../../src/gateway/operating/probe-targets.ts')
    const { probeBackends } = await import('../../src/backends/probe/probe-backends.ts')
    const { dataDirectory, processSurroundings } = await import('../../src/config/locations.ts')
    const { laneChecker } = await import('../../src/gateway/lanes/check-lane.ts')
    const { formatProbe } = await import('../../src/backends/probe/format-probe.ts')

    const targets = await probeTargets({ name: args.name, ...flags, environment: process.env })
    const options = {
      mayLoad: flags.load,
      mayPay: flags.paid,
      models: flags.model,
      describeTimeoutMs: 10_000,
      inferenceTimeoutMs: flags.timeout * 1000,
      checkLane: laneChecker({ dataDirectory: dataDirectory(processSurroundings()), isLive: flags.live }),
    }
    const backends = await probeBackends(targets, options)
    this.log(formatProbe(backends))
    if (backends.some(({ verdict }) => verdict === 'failed')) process.exitCode = 1
    else if (backends.some(({ verdict }) => verdict === 'findings')) this.foundSomething()
    return { backends }
  }
}
