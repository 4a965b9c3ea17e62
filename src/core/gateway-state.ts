/**
 * How the models of a gateway stand: what `GET /llmr/v1/state` tells, and what another gateway in front of it places
 * requests by. Names and numbers only; who waits is not in it.
 */
export interface GatewayState {
  readonly version: typeof gatewayStateVersion
  /** Of this run of the gateway. */
  readonly instanceId: string
  /** What clients may ask for. */
  readonly models: readonly ModelResidence[]
  readonly backends: readonly BackendResidence[]
  readonly pools: readonly PoolResidence[]
}

/** Grows when a reader of the version before would be misled. Fields that are new are no reason. */
export const gatewayStateVersion = 1

/** `unknown`: nobody says, as of clouds and of engines that are not reached. */
export const residences = ['loaded', 'loading', 'unloading', 'unloaded', 'unknown'] as const

export type Residence = (typeof residences)[number]

/** Where a model is, and what it has in hand there. */
export interface StandingOfModel {
  readonly residence: Residence
  /** Requests at work, and waiting for their turn. */
  readonly running: number
  readonly queued: number
  /** Requests worked on at once, where that is known. */
  readonly slots?: number
  /** Measured, or guessed until it has been. */
  readonly expectedLoadMs?: number
  readonly meanServiceMs?: number
}

/** One model at one place, as far as the gateway that tells it knows. */
export interface PlaceResidence extends StandingOfModel {
  /**
   * The gateways by which it was told, the nearest first, by their instance ids; the last is the one whose engine it is.
   * A gateway believes nothing that was told by way of itself: two that are each other's backends would keep for ever
   * what neither has.
   */
  readonly path: readonly string[]
}

/** One model, over all its places: as the best of them, and the sum of what they have in hand. */
export interface ModelResidence extends StandingOfModel {
  readonly id: string
  /** Since when, milliseconds since the epoch by the clock of the gateway that says so. */
  readonly sinceMs: number
  readonly backends: readonly string[]
  readonly places: readonly PlaceResidence[]
}

export interface BackendResidence {
  readonly name: string
  readonly kind: string
  readonly status: string
  readonly inflight: number
  /** Engine's names of the models it is known to have in memory. */
  readonly loaded: readonly string[]
}

export interface PoolResidence {
  readonly name: string
  readonly sizeBytes: number
  readonly usedBytes: number
}

/** One event of the stream. Each number follows the one before; a gap means that something was missed. */
export type GatewayStateEvent =
  | { readonly type: 'snapshot'; readonly sequence: number; readonly state: GatewayState }
  | {
      readonly type: 'delta'
      readonly sequence: number
      /** Whole, in their new state. */
      readonly models: readonly ModelResidence[]
      readonly backends: readonly BackendResidence[]
      readonly pools: readonly PoolResidence[]
      /** Those that are there no more. */
      readonly gone: {
        readonly models: readonly string[]
        readonly backends: readonly string[]
        readonly pools: readonly string[]
      }
    }
