import type { SchedulerModel } from '../scheduler-model.ts'

/**
 * Chooses the next swap. Pure: what is in the view decides, and the same view gives the same answer. It is asked after
 * every event, and again after each swap it chooses, until it wants to wait.
 */
export interface SwapPolicy {
  readonly name: string
  readonly nextSwap: (view: SwapView) => SwapDecision
}

export type SwapDecision =
  | {
      readonly kind: 'swap'
      readonly target: string
      /** Residents to put out, each once its requests have ended; none when there is room. */
      readonly evict: readonly string[]
      /** It goes for being overdue, not for being worth it. */
      readonly isForced: boolean
      /** For the operator, in a few words. */
      readonly because: string
    }
  /** Nothing for now. Asked again at `askAgainAtMs` even if nothing happens until then. */
  | { readonly kind: 'wait'; readonly askAgainAtMs?: number }

export interface SwapView {
  readonly nowMs: number
  readonly maxWaitMs: number
  /** Models that hold no memory, that someone waits for, and that could be started if there were room. */
  readonly waiting: readonly WaitingModel[]
  /** Models that may be put out: not pinned, not leaving, and not before their first batch. */
  readonly residents: readonly ResidentModel[]
  /** The last swap that put a model out was not for an overdue request, or put one out that an older request waits for. */
  readonly isOverdueTurn: boolean
  /** Whether the constraints let `target` start once the swaps under way are done and `evict` have gone. */
  readonly hasRoom: (swap: { readonly target: string; readonly evict: readonly string[] }) => boolean
  readonly mayEvict: (swap: { readonly target: string; readonly victim: string }) => boolean
}

/** What is known of a model's traffic. Weighted figures count each request as often as its weight says. */
export interface ModelTraffic {
  readonly model: SchedulerModel
  /** Requests that wait. */
  readonly queued: number
  readonly queuedWeight: number
  /** Arrivals a millisecond, from the last few. */
  readonly rate: number
  readonly weightedRate: number
  /** Expected times, measured as far as possible. */
  readonly serviceMs: number
  readonly loadMs: number
  readonly stopMs: number
}

export interface WaitingModel extends ModelTraffic {
  /** Weighted request-milliseconds that its queue has waited. */
  readonly waitedMs: number
  /** When the first of its requests becomes overdue, or became so. */
  readonly dueAtMs: number
  /** Of its oldest request: when it came, and the how manyth it was of all, which settles ties. */
  readonly oldestArrivedAtMs: number
  readonly oldestSequence: number
}

export interface ResidentModel extends ModelTraffic {
  /** Requests at work. */
  readonly running: number
  readonly lastUsedAtMs: number
  /** Before this time only an overdue request may put it out. */
  readonly heldUntilMs: number
  /** What the operator says an eviction costs, relative to the others. */
  readonly evictCost: number
}
