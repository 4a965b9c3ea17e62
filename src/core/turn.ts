import type { ConversationClaims } from './conversation-claims.ts'
import type { MemoryScope } from './memory-scope.ts'
import type { TurnPlace } from './turn-place.ts'

/**
 * What one request to a model was about, as it is kept: what was new in it, and what was said in reply. The content is the
 * client's, in the words of `core/chat`, and opaque to whoever only keeps it.
 */
export interface Turn extends MemoryScope {
  /** Minted by llmr: the same turn, however often it is told of, has the same. */
  readonly requestId: string
  readonly correlationId: string
  /** Where it stands, as was found while the request ran. Absent where that took too long: then by its claims, later. */
  readonly place?: TurnPlace
  readonly claims: ConversationClaims
  /** The words of the user that it is about, without what clients put around them. */
  readonly userText: string
  /** Earlier rounds, where nothing is known of them but what the client sent along. */
  readonly history?: readonly ShownRound[]
  /** What kind of request it was: `user`, `agent`… */
  readonly kind: string
  readonly requestedModel?: string
  readonly model?: string
  readonly backend?: string
  readonly startedAtMs: number
  readonly durationMs: number
  readonly outcome: TurnOutcome
  readonly finishReason?: string
  readonly promptTokens?: number
  readonly cachedTokens?: number
  readonly completionTokens?: number
  /** The messages since the last reply that the client sent along. */
  readonly input: readonly unknown[]
  /** The parts of the reply; as far as it came. */
  readonly output: readonly unknown[]
  readonly toolCalls: readonly TurnToolCall[]
}

/** What of a turn is known only when its reply has ended. */
export type TurnEnd = Pick<
  Turn,
  | 'model'
  | 'backend'
  | 'durationMs'
  | 'outcome'
  | 'finishReason'
  | 'promptTokens'
  | 'cachedTokens'
  | 'completionTokens'
  | 'output'
  | 'toolCalls'
>

/** What of a turn is known while the engine is still at its reply. */
export type TurnBeginning = Omit<Turn, keyof TurnEnd>

/** `stopped`: the client left before the end. */
export const turnOutcomes = ['complete', 'stopped', 'failed'] as const

export type TurnOutcome = (typeof turnOutcomes)[number]

export interface ShownRound {
  /** Among the rounds of the claims, from 1 on. */
  readonly number: number
  readonly userText: string
  readonly replyText: string
}

export interface TurnToolCall {
  readonly id: string
  readonly name: string
  /** As the model wrote it; not necessarily JSON. */
  readonly argumentsText: string
}
