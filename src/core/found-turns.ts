/** So many turns at most are found by one sign: where there are that many, others may be missing. */
export const candidatesMax = 16

/** What the store has that a request may go on from; all of one scope. Ids as in `TurnPlace`, digests in hex. */
export interface FoundTurns {
  /** Of the key that the client sent. */
  readonly keyed?: FoundConversation
  readonly turns: readonly FoundTurn[]
}

export interface FoundConversation {
  readonly id: string
  /** Its client was seen to send earlier messages along. */
  readonly sendsHistory: boolean | null
  /** The reply that was begun last of those that have come to an end; only asked for where the request shows nothing. */
  readonly newestReply: string | null
}

/** A turn whose words, reply or tool calls the request shows. */
export interface FoundTurn {
  readonly id: string
  readonly conversation: string
  /** Its client names the conversation. */
  readonly isKeyed: boolean
  readonly depth: number
  readonly user: string
  readonly chain: string
  readonly parentReply: string | null
  /** Those that the request may mean first. */
  readonly replies: readonly FoundReply[]
  /** From its parent upwards, as far as the request shows rounds. */
  readonly ancestors: readonly FoundAncestor[]
}

export interface FoundReply {
  readonly id: string
  readonly requestId: string | null
  /** What its client has of it is not known: it has not come to its end, or was stopped. */
  readonly isUncertain: boolean
  readonly digest: string | null
  readonly prefixDigest: string | null
  readonly length: number | null
  /** Something was called before it. */
  readonly isLaterStep: boolean
  /** Of the calls that the request echoes, those that this reply made. */
  readonly calls: number
}

export interface FoundAncestor {
  readonly id: string
  readonly user: string
  /** Of the reply by which it is an ancestor. */
  readonly digest: string | null
  readonly prefixDigest: string | null
  readonly isLaterStep: boolean
}
