import { Flags } from '@oclif/core'
import type { Interfaces } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import type { SimulatedEngineOptions } from '../../src/sim/engine-options.ts'

export default class Sim extends LlmrCommand {
  static override summary = 'Run a simulated engine.'
  static override description =
    "Speaks llama-server's HTTP without a model: replies say that they are simulated, take as long as told and fail as " +
    "told. llama-server's own spellings of the flags are understood, and those about hardware, files and sampling are " +
    'accepted and passed over. With --json one line tells when it is ready and another when it has ended.'
  static override examples = [
    '<%= config.bin %> sim',
    {
      description: 'A slow machine with one slot, whose first reply dies after three events',
      command: '<%= config.bin %> sim --slots 1 --decode-rate 5 --fault die-mid-stream:after-chunks=3,times=1',
    },
    {
      description: 'As a launcher would start llama-server',
      command: '<%= config.bin %> sim -m /models/tiny.gguf --alias tiny -c 8192 -np 2 -ngl 99 --port 8082',
    },
  ]
  static override flags = {
    host: Flags.string({ summary: 'Address to listen on.', default: '127.0.0.1', helpValue: 'ADDRESS' }),
    port: Flags.integer({ summary: 'Port to listen on; 0 takes a free one.', default: 8080, min: 0, max: 65535 }),
    model: Flags.string({ char: 'm', summary: 'Name or file of the model.', default: 'simulated', helpValue: 'NAME' }),
    alias: Flags.string({ char: 'a', summary: "Name to answer with, instead of the file's.", helpValue: 'NAME' }),
    'ctx-size': Flags.integer({
      char: 'c',
      aliases: ['ctx'],
      summary: 'Tokens of context, which the slots share when --slots is given.',
      default: 8192,
      min: 1,
    }),
    parallel: Flags.integer({ aliases: ['slots'], summary: 'Requests worked on at once; 4 by default.', min: 1 }),
    embeddings: Flags.boolean({ summary: 'Answer embedding requests.' }),
    reranking: Flags.boolean({ summary: 'Answer rerank requests.' }),
    'tool-template': Flags.boolean({
      summary: 'The chat template shows tools to the model.',
      default: true,
      allowNo: true,
    }),
    'api-key': Flags.string({ summary: 'Key that requests must bring.', helpValue: 'KEY' }),
    'slot-save-path': Flags.directory({ summary: 'Folder for saved slots.', exists: true, helpValue: 'DIR' }),
    seed: Flags.integer({ summary: 'Replies are the same for the same seed and request.', default: 1 }),
    'load-time': Flags.string({ summary: 'How long loading takes, such as 2s.', default: '0s', helpGroup: 'TIME' }),
    'prefill-rate': Flags.integer({ summary: 'Prompt tokens a second.', default: 2000, min: 1, helpGroup: 'TIME' }),
    'decode-rate': Flags.integer({ summary: 'Reply tokens a second.', default: 60, min: 1, helpGroup: 'TIME' }),
    'time-scale': Flags.string({
      summary: 'Real time for each simulated: 0.1 is ten times faster, 0 never waits.',
      default: '1',
      helpGroup: 'TIME',
      helpValue: 'NUMBER',
    }),
    fault: Flags.string({
      summary: 'A way to fail; may be repeated.',
      description: 'docs/simulated-engine.md has the types. POST /sim/faults adds more while it runs.',
      multiple: true,
      default: [],
      helpGroup: 'FAILURE',
      helpValue: 'TYPE[:NAME=VALUE,…]',
    }),
  }

  async run(): Promise<unknown> {
    const { fromEngineFlags } = await import('../../src/sim/engine-flags.ts')
    const { flags } = await this.parse(Sim, fromEngineFlags(this.argv))
    const { runEngineProcess } = await import('../../src/sim/engine-process.ts')
    const { explainStart } = await import('../../src/cli/explain-start.ts')
    const options = await optionsOf(flags)

    try {
      const end = await runEngineProcess({
        options: { ...options, print: (line) => process.stderr.write(`${line}\n`) },
        signals: process,
        onReady: ({ url }) => this.#tellReady(url),
      })
      if (end.how === 'crashed') process.exitCode = 1
      return { state: end.how, requests: end.requestCount }
    } catch (error) {
      throw explainStart(error, flags)
    }
  }

  #tellReady(url: string): void {
    if (this.jsonEnabled()) this.logJson(this.toSuccessJson({ state: 'ready', url, pid: process.pid }))
    else this.log(`The simulated engine answers on ${url}`)
  }

  /** One line each, so that the two objects can be told apart. */
  protected override logJson(value: unknown): void {
    process.stdout.write(`${JSON.stringify(value)}\n`)
  }
}

type SimFlags = Interfaces.InferredFlags<typeof Sim.flags>

async function optionsOf(flags: SimFlags): Promise<SimulatedEngineOptions> {
  const slots = flags.parallel ?? 4
  return {
    host: flags.host,
    port: flags.port,
    model: flags.alias ?? fileName(flags.model),
    modelPath: flags.model,
    // As the engine does it: slots that were asked for share the context, those of the default see all of it.
    contextLength: flags.parallel === undefined ? flags['ctx-size'] : Math.floor(flags['ctx-size'] / slots),
    slots,
    embeddings: flags.embeddings,
    reranking: flags.reranking,
    toolTemplate: flags['tool-template'],
    ...(flags['api-key'] !== undefined && { apiKey: flags['api-key'] }),
    ...(flags['slot-save-path'] !== undefined && { slotSavePath: flags['slot-save-path'] }),
    seed: flags.seed,
    prefillRate: flags['prefill-rate'],
    decodeRate: flags['decode-rate'],
    ...(await parsedOf(flags)),
  }
}

/** The engine answers with the file's name when it is given no other. */
function fileName(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1)
}

/** The flags that oclif cannot read by itself. */
async function parsedOf(flags: SimFlags): Promise<SimulatedEngineOptions> {
  const { CliError } = await import('../../src/cli/cli-error.ts')
  const { durationOrZero } = await import('../../src/config/units.ts')
  const { parseFaultFlag } = await import('../../src/sim/fault.ts')
  const usage = (message: string): Error => new CliError(message, { code: 'invalid_flag', exitCode: 2 })

  const loadTime = durationOrZero.safeParse(flags['load-time'])
  if (!loadTime.success) throw usage(`--load-time: ${loadTime.error.issues[0]?.message}; got ${flags['load-time']}.`)
  const timeScale = Number(flags['time-scale'])
  if (!(timeScale >= 0 && timeScale < Infinity)) {
    throw usage(`--time-scale: expected a number from 0 up; got ${flags['time-scale']}.`)
  }
  try {
    return { loadTimeMs: loadTime.data, timeScale, faults: flags.fault.map(parseFaultFlag) }
  } catch (error) {
    throw usage(`--fault: ${error instanceof Error ? error.message : String(error)}`)
  }
}
