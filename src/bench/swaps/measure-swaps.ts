import { LlmrError } from '../../core/error.ts'
import type { ResidencyPlan } from '../../gateway/fleet/residency-plan.ts'
import { askOneToken } from './ask-one-token.ts'
import { arrangeCache } from './model-files.ts'
import type { ModelFiles } from './model-files.ts'
import { MomentLog } from './moment-log.ts'
import { startBenchGateway } from './start-gateway.ts'
import type { BenchGateway } from './start-gateway.ts'
import { phasesOf } from './swap-phases.ts'
import type { PhaseTimes } from './swap-phases.ts'

export type Temperature = 'cold' | 'warm'

/** One swap as it went. */
export interface MeasuredSwap {
  readonly from: string
  readonly to: string
  readonly wanted: Temperature
  /** What of the files was in the page cache when the swap began, 0 to 1; absent where nothing can tell. */
  readonly cachedShare?: number
  readonly bytes: number
  readonly phases: PhaseTimes
}

export interface MeasureSwaps {
  readonly plan: ResidencyPlan
  /** By model. */
  readonly files: ReadonlyMap<string, ModelFiles>
  readonly folder: string
  readonly dataDirectory: string
  readonly repeats: number
  readonly temperatures: readonly Temperature[]
  /** A swap that takes longer has failed. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly onBegin: (swap: Pick<MeasuredSwap, 'from' | 'to' | 'wanted'>) => void
  readonly onSwap: (swap: MeasuredSwap) => void
}

/**
 * Swaps the models in turn through a whole gateway, so many times for each model and temperature.
 *
 * @throws Error when a model does not answer, LlmrError when it was told to stop
 */
export async function measureSwaps(options: MeasureSwaps): Promise<readonly MeasuredSwap[]> {
  const { plan, folder, dataDirectory, signal, timeoutMs } = options
  const log = new MomentLog(plan)
  const gateway = await startBenchGateway({ plan, folder, dataDirectory, onMoment: (moment) => log.add(moment) })
  try {
    const names = plan.models.map(({ name }) => name)
    const swaps: MeasuredSwap[] = []
    // The first load puts nothing out, so it is none of the swaps.
    let from = names.at(-1) ?? ''
    await ask(gateway, from, options)
    for (let round = 0; round < options.repeats; round += 1) {
      for (const wanted of options.temperatures) {
        for (const to of names) {
          if (signal.aborted) throw interrupted()
          options.onBegin({ from, to, wanted })
          const files = options.files.get(to) ?? { files: [], bytes: 0 }
          const swap = await measureSwap({ gateway, log, from, to, wanted, files, signal, timeoutMs })
          swaps.push(swap)
          options.onSwap(swap)
          from = to
        }
      }
    }
    return swaps
  } catch (error) {
    throw signal.aborted ? interrupted() : error
  } finally {
    await gateway.close()
  }
}

interface OneSwap extends Pick<MeasureSwaps, 'signal' | 'timeoutMs'> {
  readonly gateway: BenchGateway
  readonly log: MomentLog
  readonly from: string
  readonly to: string
  readonly wanted: Temperature
  readonly files: ModelFiles
}

async function measureSwap(swap: OneSwap): Promise<MeasuredSwap> {
  const { gateway, log, from, to, wanted, files, signal } = swap
  const share = await arrangeCache(files, wanted, signal)
  const watching = log.begin({ from, to, signal })
  const askedMs = performance.now()
  try {
    const { atMs: firstTokenMs, engineMs: engineTokenMs } = await ask(gateway, to, swap)
    const told = await watching.end()
    const moments = { ...told, askedMs, firstTokenMs, ...(engineTokenMs !== undefined && { engineTokenMs }) }
    const cached = share === undefined ? {} : { cachedShare: share }
    return { from, to, wanted, ...cached, bytes: files.bytes, phases: phasesOf(moments) }
  } finally {
    await watching.end()
  }
}

function ask({ url }: BenchGateway, model: string, { timeoutMs, signal }: Pick<MeasureSwaps, 'signal' | 'timeoutMs'>) {
  const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  return askOneToken({ url, model, prompt: 'Say one word.', signal: within })
}

function interrupted(): LlmrError {
  return new LlmrError('shutting_down', 'The bench was interrupted; every engine it had started has ended.')
}
