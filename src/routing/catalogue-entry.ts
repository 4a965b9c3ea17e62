import type { Capabilities, ModelDescription } from '../core/model.ts'
import type { TrustZone } from '../core/trust.ts'

/** One name of the catalogue as the operator wrote it. The name may hold `*` and `?`. */
export interface CatalogueEntry {
  readonly name: string
  /** Names or globs of backends, in order of preference. Absent: every backend that has the model. */
  readonly backends?: readonly string[]
  /** The engine's name for it. Absent: the name itself. */
  readonly upstream?: string
  readonly aliases?: readonly string[]
  /** Models tried in order when no backend can serve it. */
  readonly fallbacks?: readonly string[]
  readonly policy?: PolicyName
  /** The widest zone it may go to, if the key allows it too. */
  readonly mayLeave?: TrustZone
  /** Tokens, where the backend does not say. */
  readonly contextLength?: number
  /** What it can do, where the backend does not say. */
  readonly capabilities?: readonly (keyof Capabilities)[]
  readonly moderatesBy?: ModerationWay
  readonly isUnlisted?: boolean
  /** Shown with it to clients, as it is. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Makes it a virtual model: a name that is a decision. */
  readonly pick?: Picks
}

/** Models by what a request is like. */
export interface Picks {
  readonly general: string
  readonly coding?: string
  readonly agent?: string
  readonly vision?: string
  readonly long?: string
  readonly background?: string
}

export type PickSlot = keyof Picks

/** How one of several backends is chosen; routing only passes it on. */
export type PolicyName = 'round-robin' | 'weighted' | 'least-busy' | 'latency' | 'affinity' | 'soonest' | 'ordered'

export type ModerationWay = 'endpoint' | 'chat'

/**
 * What is known of one backend. One that is down keeps its place, with what it last said: a name must not change its
 * meaning, or its zone, because a machine is off.
 */
export interface BackendInventory {
  readonly name: string
  readonly trust: TrustZone
  /** What it reported last; empty when it was never reached, or has no list. */
  readonly models: readonly ModelDescription[]
  /** Globs of the models to use from it. A plain name counts as present even if it is not reported. */
  readonly modelGlobs?: readonly string[]
  /** Tokens, where neither the server nor the catalogue says. */
  readonly contextLength?: number
}
