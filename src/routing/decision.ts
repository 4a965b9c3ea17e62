import type { Candidate } from '../core/candidate.ts'
import type { PolicyName } from './catalogue-entry.ts'
import type { Consideration } from './consideration.ts'
import type { TopicMatch } from './heuristics.ts'

export interface Decision {
  /** The catalogue's name of the model. */
  readonly model: string
  /** Who may serve it, in order of preference; at least one. */
  readonly candidates: readonly Candidate[]
  /** How one of them is to be chosen, where the model has a policy of its own. */
  readonly policy?: PolicyName
  /** In a few words of printable ASCII, at most 200 characters: it travels in a header. */
  readonly reason: string
  /** Where to go when no candidate serves, in order. */
  readonly fallbacks: readonly FallbackRoute[]
  /** Only when an explanation was asked for. */
  readonly considered?: readonly Consideration[]
  /** What the words of the last message come to, where they could count; with an explanation, and never in a log. */
  readonly topic?: TopicMatch
}

export interface FallbackRoute {
  readonly model: string
  readonly candidates: readonly Candidate[]
  readonly policy?: PolicyName
  readonly reason: string
}
