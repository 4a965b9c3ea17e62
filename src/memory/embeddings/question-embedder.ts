import type { Clock } from '../../core/clock.ts'
import type { Embedder, QueryEmbedder, Vector } from '../../core/embedder.ts'
import type { Logger } from '../../core/logger.ts'
import type { WorkerCounter } from '../../core/worker-definition.ts'
import { settledWithin } from '../../core/settled-within.ts'
import { type InputOptions, queryInput } from './embedding-input.ts'

export interface QuestionEmbedderOptions {
  readonly embedder: Embedder
  readonly input: InputOptions
  readonly clock: Clock
  readonly logger: Logger
}

const keptMax = 1_000
/** An embedder that hangs holds so many questions and no more. */
const underWayMax = 16
const restFirstMs = 1_000
const restMostMs = 60_000

/**
 * Vectors of questions, for requests that wait for nothing: what is not there in time is made all the same, and is there
 * the next time. While the embedder fails it is left alone for a while, and requests are not even held up for their budget.
 */
export class QuestionEmbedder implements QueryEmbedder {
  readonly model: string
  readonly dimensions: number
  /** `late`: of those that were not there, the ones that did not come in the time that the request had. */
  readonly #counts = { hit: 0, miss: 0, late: 0 }
  readonly #options: QuestionEmbedderOptions
  readonly #kept = new Map<string, Vector>()
  readonly #underWay = new Map<string, Promise<Vector | undefined>>()
  #rest = { untilMs: Number.NEGATIVE_INFINITY, lastMs: 0 }

  constructor(options: QuestionEmbedderOptions) {
    this.#options = options
    this.model = options.embedder.model
    this.dimensions = options.embedder.dimensions
  }

  async embed(question: string, timeoutMs: number): Promise<Vector | undefined> {
    const input = queryInput(question, this.#options.input)
    const kept = this.#kept.get(input)
    if (kept !== undefined) {
      this.#counts.hit += 1
      this.#keep(input, kept)
      return kept
    }
    this.#counts.miss += 1
    const asked = timeoutMs > 0 ? (this.#underWay.get(input) ?? this.#begin(input)) : undefined
    const vector = asked && (await settledWithin(asked, timeoutMs)) ? await asked : undefined
    if (vector === undefined) this.#counts.late += 1
    return vector
  }

  /** Questions since the start, for metrics. */
  counters(): readonly WorkerCounter[] {
    return Object.entries(this.#counts).map(([result, value]) => ({
      metric: 'llmr_embedding_cache_total',
      labels: { kind: 'question', result },
      value,
    }))
  }

  #begin(input: string): Promise<Vector | undefined> | undefined {
    const { clock } = this.#options
    if (this.#underWay.size >= underWayMax || clock.monotonic() < this.#rest.untilMs) return undefined
    const asked = this.#ask(input).finally(() => this.#underWay.delete(input))
    this.#underWay.set(input, asked)
    return asked
  }

  async #ask(input: string): Promise<Vector | undefined> {
    try {
      const [vector] = await this.#options.embedder.embed([input])
      if (vector !== undefined) this.#keep(input, vector)
      this.#recovered()
      return vector
    } catch (error) {
      this.#fell(error)
      return undefined
    }
  }

  /** Whoever was asked for longest ago goes first. */
  #keep(input: string, vector: Vector): void {
    this.#kept.delete(input)
    this.#kept.set(input, vector)
    if (this.#kept.size <= keptMax) return
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest)
      break
    }
  }

  #fell(error: unknown): void {
    const { clock, logger } = this.#options
    const nowMs = clock.monotonic()
    if (nowMs < this.#rest.untilMs) return // one of several that were under way
    if (this.#rest.lastMs === 0)
      logger.warn({ err: error }, 'the embedder does not answer; conversations are searched by their words')
    const lastMs = Math.min(restMostMs, Math.max(restFirstMs, 2 * this.#rest.lastMs))
    this.#rest = { untilMs: nowMs + lastMs, lastMs }
  }

  #recovered(): void {
    if (this.#rest.lastMs !== 0) this.#options.logger.info({}, 'the embedder answers again')
    this.#rest = { untilMs: Number.NEGATIVE_INFINITY, lastMs: 0 }
  }
}
