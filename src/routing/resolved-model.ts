import type { Candidate } from '../core/candidate.ts'
import { type Operation, operations } from '../core/operation.ts'
import { type TrustZone, isWider } from '../core/trust.ts'
import { refuses } from './capability-for.ts'
import type { ModerationWay, Picks, PolicyName } from './catalogue-entry.ts'

/** What a name means, before anything is known of the request. Made once for each name and then shared. */
export interface ResolvedModel {
  /** The catalogue's name for it, whichever of its names the client wrote. */
  readonly name: string
  /** How the name was found, as the beginning of a reason: `named`, `alias of qwen3-8b`… */
  readonly foundBy: string
  /** In order of preference, those beyond its own zone included: who may go there depends on who asks. */
  readonly candidates: readonly Candidate[]
  /**
   * Its own zone: the narrowest among its backends of first preference, reachable or not. Of a virtual model: that of
   * its general pick.
   */
  readonly zone: TrustZone
  /** The widest zone it may go to if the key allows it too. */
  readonly mayLeave?: TrustZone
  readonly fallbacks: readonly string[]
  readonly policy?: PolicyName
  readonly moderatesBy: ModerationWay
  /** Present on a virtual model. */
  readonly pick?: Picks
  /** The operator named it, letter by letter: without a backend it is out of order, not unknown. */
  readonly isConfigured: boolean
  /** Usable, but no model list names it. */
  readonly isUnlisted: boolean
  /** What the operator listed as its backends, for messages. */
  readonly backends?: readonly string[]
  readonly summary: CandidateSummary
}

/** What holds for all candidates at once, so that most requests need not look at each. */
export interface CandidateSummary {
  readonly isWithinZone: boolean
  /** The smallest context among the candidates that state one; infinite when none does. */
  readonly contextLengthMin: number
  /** Operations that at least one candidate cannot do. */
  readonly refusedBySome: ReadonlySet<Operation>
}

export function summarise(
  candidates: readonly Candidate[],
  { zone, moderatesBy }: { readonly zone: TrustZone; readonly moderatesBy: ModerationWay },
): CandidateSummary {
  const isRefusedBySome = (operation: Operation): boolean =>
    candidates.some(({ description }) => refuses(description?.capabilities, operation, moderatesBy))
  return {
    isWithinZone: candidates.every(({ trust }) => !isWider(trust, zone)),
    contextLengthMin: Math.min(...candidates.map(({ description }) => description?.contextLength ?? Infinity)),
    refusedBySome: new Set(operations.filter(isRefusedBySome)),
  }
}
