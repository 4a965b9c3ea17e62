import type { Timings } from './timings.ts'
import type { EngineCounters } from './engine-counters.ts'
import { contextExceeded } from './engine-error.ts'
import type { EngineSettings, Script } from './engine-options.ts'
import { delay, orAborted } from './pace.ts'
import type { Pace } from './pace.ts'
import { planReply } from './reply-plan.ts'
import type { GenerationRequest, ReplyPiece } from './reply-plan.ts'
import type { SlotPool } from './slot-pool.ts'
import { tokenize } from './tokenizer.ts'

export interface GenerationSurroundings {
  readonly settings: EngineSettings
  readonly pool: SlotPool
  readonly pace: Pace
  readonly counters: EngineCounters
  readonly script: Script | undefined
  readonly nextId: () => string
  /** Real time added before the first token, by a fault. */
  readonly firstTokenDelayMs: number
  /** Ends the work wherever it is; the slot is free at once. */
  readonly signal: AbortSignal
}

export type GenerationEvent =
  | { readonly type: 'progress'; readonly progress: PromptProgress; readonly timings: Timings }
  | { readonly type: 'piece'; readonly piece: ReplyPiece; readonly timings: Timings }
  | { readonly type: 'end'; readonly result: GenerationResult }

export interface PromptProgress {
  readonly total: number
  readonly cache: number
  readonly processed: number
  readonly time_ms: number
}

export interface GenerationResult {
  readonly pieces: readonly ReplyPiece[]
  readonly finishReason: string
  readonly stopText: string
  readonly slotId: number
  readonly promptTokens: number
  readonly timings: Timings
}

/** Prompt tokens worked on between two reports of progress: the engine's default batch. */
const batchSize = 2048

/**
 * Does one request's work in simulated time: waits for a slot, reads the prompt, then makes the reply token by token.
 *
 * @throws EngineError when the prompt does not fit the context, before anything is waited for.
 */
export async function* generate(
  request: GenerationRequest,
  { settings, pool, pace, counters, nextId, script, firstTokenDelayMs, signal }: GenerationSurroundings,
): AsyncGenerator<GenerationEvent, void, undefined> {
  const promptTokens = request.prompt.length
  const { contextLength } = settings
  if (promptTokens >= contextLength) throw contextExceeded({ promptTokens, contextLength })
  const room = contextLength - promptTokens
  const plan = planReply(request, { model: settings.model, seed: settings.seed, script, nextId, room })

  const lease = await pool.lease({ ...request, signal })
  const made: ReplyPiece[] = []
  try {
    const timingsNow = (): Timings =>
      timingsOf({ settings, promptTokens, cached: lease.cachedCount, predicted: made.length })
    const reading = pace.start()
    for (const progress of readingSteps({ promptTokens, cached: lease.cachedCount, rate: settings.prefillRate })) {
      await reading.at(progress.time_ms, signal)
      yield { type: 'progress', progress, timings: timingsNow() }
    }
    await delay(firstTokenDelayMs, signal)
    const writing = pace.start()
    for (const [index, piece] of plan.pieces.entries()) {
      await orAborted(script?.beforePiece?.(index), signal)
      await writing.at(((index + 1) * 1000) / settings.decodeRate, signal)
      made.push(piece)
      yield { type: 'piece', piece, timings: timingsNow() }
    }
    const timings = timingsNow()
    counters.count(timings)
    const { finishReason, stopText } = plan
    yield {
      type: 'end',
      result: { pieces: made, finishReason, stopText, slotId: lease.slot.id, promptTokens, timings },
    }
  } finally {
    const reply = made.map(({ text }) => text).join('')
    lease.release([...request.prompt, ...tokenize(reply)])
  }
}

/** The prompt in batches, with the simulated time at which each is done; the first says what was there before. */
function readingSteps({ promptTokens, cached, rate }: { promptTokens: number; cached: number; rate: number }) {
  const batches = Math.ceil((promptTokens - cached) / batchSize)
  return Array.from({ length: batches + 1 }, (_, batch): PromptProgress => {
    const processed = Math.min(cached + batch * batchSize, promptTokens)
    return { total: promptTokens, cache: cached, processed, time_ms: ((processed - cached) * 1000) / rate }
  })
}

interface TokenCounts {
  readonly settings: EngineSettings
  readonly promptTokens: number
  readonly cached: number
  readonly predicted: number
}

function timingsOf({ settings, promptTokens, cached, predicted }: TokenCounts): Timings {
  const read = promptTokens - cached
  return {
    cache_n: cached,
    prompt_n: read,
    prompt_ms: (read * 1000) / settings.prefillRate,
    prompt_per_token_ms: 1000 / settings.prefillRate,
    prompt_per_second: settings.prefillRate,
    predicted_n: predicted,
    predicted_ms: (predicted * 1000) / settings.decodeRate,
    predicted_per_token_ms: 1000 / settings.decodeRate,
    predicted_per_second: settings.decodeRate,
  }
}
