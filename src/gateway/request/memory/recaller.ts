import type { QueryEmbedder } from '../../../core/embedder.ts'
import type { MemoryScope } from '../../../core/memory-scope.ts'
import type { Metrics } from '../../../core/metrics.ts'
import type { RecallMode } from '../../../core/recall-mode.ts'
import type { Turn } from '../../../core/turn.ts'
import type { FlowSource } from '../../../core/flow.ts'
import { composeContext, type Context } from '../../../memory/recall/compose-context.ts'
import { RecentRounds } from '../../../memory/recall/recent-rounds.ts'
import { recall } from '../../../memory/recall/recall.ts'
import { sourcesOf } from '../../../memory/recall/sources-of.ts'
import type { StoreBudget, StoreOutcome } from '../../../store/store-budget.ts'
import { roundOf } from '../../side/content-of.ts'

export interface RecallerOptions {
  /** Absent: conversations are searched by their words alone. */
  readonly embedder?: QueryEmbedder
  /** Summaries are written, so it is worth looking for them. */
  readonly hasSummaries: boolean
  readonly monotonic: () => number
  readonly metrics: Pick<Metrics, 'retrieved'>
  readonly onClose: () => Promise<void> | undefined
}

export interface ContextQuestion {
  readonly scope: MemoryScope
  /** Of the request that is to be given something back. */
  readonly reply: string
  readonly mode: RecallMode
  /** What the user says now. */
  readonly text: string
  readonly shownTurns: ReadonlySet<string>
  readonly olderShown: number
  readonly tokens: number
}

/** What was found, and the text that it makes; no text where nothing is worth it. */
export interface Found {
  readonly context: Context | undefined
  readonly sources: readonly FlowSource[]
}

/** Of what is left of a request's time for the store, so much may go into the vector of its question. */
const embeddingShare = 0.5

/** Finds what a request is given back, within the time that it has for the store. */
export class Recaller {
  readonly #options: RecallerOptions
  readonly #recent = new RecentRounds()

  constructor(options: RecallerOptions) {
    this.#options = options
  }

  /** Never rejects. */
  async contextFor(question: ContextQuestion, budget: StoreBudget): Promise<StoreOutcome<Found>> {
    const { embedder, hasSummaries, monotonic, metrics } = this.#options
    const startedAtMs = monotonic()
    const vector =
      question.mode === 'hybrid' && embedder !== undefined
        ? await budget.spendElsewhere((leftMs) => embedder.embed(question.text, leftMs * embeddingShare))
        : undefined
    const nearTo = vector && embedder && { model: embedder.model, vector }
    const outcome = await budget.spend((store, signal) =>
      recall(
        { ...question, nearTo },
        { source: store.recall, summaries: hasSummaries ? store.summaries : undefined, recent: this.#recent, signal },
      ),
    )
    metrics.retrieved({ mode: question.mode, durationMs: monotonic() - startedAtMs, isFound: outcome.type === 'done' })
    if (outcome.type !== 'done') return outcome
    const context = composeContext(outcome.value, { budget: question.tokens })
    return { type: 'done', value: { context, sources: sourcesOf(outcome.value, context?.used) } }
  }

  /** A turn is over: one that follows at once finds it here, before a worker has kept it. */
  heard(turn: Turn): void {
    const round = turn.place && roundOf(turn)
    if (turn.place === undefined || round === undefined) return
    this.#recent.add(turn.place.reply, { ...round, atMs: turn.startedAtMs })
  }

  /** Somebody is to be forgotten. */
  forget(): void {
    this.#recent.clear()
  }

  /** Cuts what is under way. May be called twice. */
  async close(): Promise<void> {
    await this.#options.onClose()
  }
}
