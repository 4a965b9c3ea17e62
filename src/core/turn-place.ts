import type { MemoryScope } from './memory-scope.ts'
import type { ClaimedMessage, ClaimedRound, ConversationKey, ReplyDigest } from './conversation-claims.ts'

/** Where one request stands among the conversations that are kept. Ids are the store's; those that are numbers, as text. */
export interface TurnPlace {
  readonly conversation: string
  readonly turn: string
  readonly reply: string
}

/** One request that is to stand somewhere. */
export interface PlacedRequest {
  readonly scope: MemoryScope
  readonly requestId: string
  readonly correlationId: string
  readonly kind: string
  readonly requestedModel?: string
  readonly startedAtMs: number
  /** How long its conversation is kept if nothing follows. */
  readonly keepMs: number
}

/** Where a request is to be put. */
export interface Placement {
  readonly conversation: PlacedConversation
  readonly turn: PlacedTurn
  /** The client sent earlier rounds along. */
  readonly showsHistory: boolean
}

export type PlacedConversation =
  | { readonly type: 'existing'; readonly id: string }
  /** There may be one of this key by now; then it is that one. */
  | { readonly type: 'keyed'; readonly key: ConversationKey }
  | { readonly type: 'new' }

export type PlacedTurn =
  /** A further step of a turn: it goes on from one of its replies. */
  | { readonly type: 'step'; readonly id: string; readonly continues: string }
  /** The turn with these words under this reply; made unless it is there, as after another attempt. */
  | {
      readonly type: 'child'
      readonly parentReply: string | undefined
      readonly depth: number
      readonly words: ClaimedMessage
    }
  /** As a child, below rounds that are known by the client's word alone. Only in a conversation that is new. */
  | {
      readonly type: 'imported'
      readonly rounds: readonly ClaimedRound[]
      readonly olderRounds: number
      readonly words: ClaimedMessage
    }

/** A reply that has come to its end, as its client had it. */
export interface EndedReply {
  readonly requestId: string
  readonly scope: MemoryScope
  /** Absent where nothing was said, but tools were called. */
  readonly digest?: ReplyDigest
  readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly argumentsText: string }[]
}

/** Under which a round stands that is known from the history of a request alone; counted from 1 on. */
export function importedRequestId(requestId: string, number: number): string {
  return `${requestId}/${number}`
}
