import type { BenchCase } from './bench-cases.ts'
import { type BenchRig, type Sample, startBenchRig } from './bench-rig.ts'
import { eventsPerStream } from './canned-replies.ts'
import type { BenchDialect } from './dialect-requests.ts'
import { median } from './quantiles.ts'

/** What it costs to say a reply in another dialect, against the same one passed through. Medians over the rounds. */
export interface TranslationSummary {
  readonly from: BenchDialect
  readonly case: string
  readonly rounds: number
  /** CPU of the gateway for one chunk of the engine's, microseconds; for one request where nothing is streamed. */
  readonly pass_through_us: number
  readonly translated_us: number
  readonly times_pass_through: number
  readonly pass_through_first_byte_ms: number
  readonly translated_first_byte_ms: number
}

export interface TranslationOptions {
  readonly from: BenchDialect
  readonly isQuick: boolean
  readonly durationMs: number
  readonly onProgress: (words: string) => void
}

/** Asks llmr for the same replies in OpenAI's chat and in another dialect, in turn, in one run. */
export async function measureTranslation(options: TranslationOptions): Promise<readonly TranslationSummary[]> {
  const { from, isQuick, onProgress } = options
  const rig = await startBenchRig()
  try {
    const summaries: TranslationSummary[] = []
    for (const benchCase of translationCases(options)) {
      onProgress(`${from}, ${benchCase.name}`)
      summaries.push(summarise(from, benchCase, await measureRounds(rig, { from, benchCase, count: isQuick ? 3 : 5 })))
    }
    return summaries
  } finally {
    await rig.close()
  }
}

function translationCases({ isQuick, durationMs }: TranslationOptions): readonly BenchCase[] {
  const closed = (clients: number) => ({ kind: 'closed', clients, durationMs }) as const
  const clients = isQuick ? 32 : 128
  const counted = { kind: 'counted', clients, requests: clients } as const
  return [
    { name: 'json-1k-c32', model: 'bench-json', requestBytes: 1000, shape: closed(32) },
    // Alone: with more clients the first byte says how long the queue is.
    { name: 'burst-1k-c1', model: 'bench-burst', requestBytes: 1000, shape: closed(1) },
    { name: 'burst-1k-c32', model: 'bench-burst', requestBytes: 1000, shape: closed(32) },
    { name: `paced-1k-c${clients}`, model: 'bench-paced', requestBytes: 1000, shape: counted },
  ]
}

interface Pair {
  readonly passed: Sample
  readonly translated: Sample
}

async function measureRounds(
  rig: BenchRig,
  { from, benchCase, count }: { readonly from: BenchDialect; readonly benchCase: BenchCase; readonly count: number },
): Promise<readonly Pair[]> {
  const ask = (dialect: BenchDialect, shape = benchCase.shape): Promise<Sample> =>
    rig.measure(rig.target('llmr'), { ...benchCase, shape, dialect })
  for (const dialect of ['openai-chat', from] as const) {
    if (benchCase.model !== 'bench-paced') await ask(dialect, { kind: 'closed', clients: 32, durationMs: warmUpMs })
  }
  const pairs: Pair[] = []
  for (let round = 0; round < count; round++) {
    // Every other round runs backwards, so that neither always follows the other.
    if (round % 2 === 0) {
      const passed = await ask('openai-chat')
      pairs.push({ passed, translated: await ask(from) })
    } else {
      const translated = await ask(from)
      pairs.push({ passed: await ask('openai-chat'), translated })
    }
  }
  return pairs
}

const warmUpMs = 500

function summarise(from: BenchDialect, { name, model }: BenchCase, pairs: readonly Pair[]): TranslationSummary {
  const chunks = model === 'bench-json' ? 1 : eventsPerStream
  for (const { passed, translated } of pairs) {
    const failure = passed.load.firstFailure ?? translated.load.firstFailure
    if (failure !== undefined) throw new Error(`${name} from ${from} failed, so it is not measured: ${failure}`)
  }
  const cost = ({ cpuUs = Number.NaN, load }: Sample): number => cpuUs / load.requests / chunks
  return {
    from,
    case: name,
    rounds: pairs.length,
    pass_through_us: median(pairs.map(({ passed }) => cost(passed))),
    translated_us: median(pairs.map(({ translated }) => cost(translated))),
    times_pass_through: median(pairs.map(({ passed, translated }) => cost(translated) / cost(passed))),
    pass_through_first_byte_ms: median(pairs.map(({ passed }) => passed.load.firstByteMs.p50)),
    translated_first_byte_ms: median(pairs.map(({ translated }) => translated.load.firstByteMs.p50)),
  }
}
