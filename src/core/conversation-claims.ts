/**
 * What a request shows of the conversation that it belongs to, by digests alone: enough to find its place among those that
 * are kept, now or later. Nothing here is ever trusted, only compared, and only inside one scope.
 */
export interface ConversationClaims {
  /** As the client names the conversation itself; absent when it names none. */
  readonly key?: ConversationKey
  /** The request whose reply it says that it goes on from, by the id that llmr minted. */
  readonly previousRequestId?: string
  /** Ids of the last tool calls in the current round, else in the one before: llmr gave them out with one reply. */
  readonly callIds: readonly string[]
  /** Earlier rounds that the client sent along, the oldest first: the latest `roundsMax` of them. */
  readonly rounds: readonly ClaimedRound[]
  /** Those before them. */
  readonly olderRounds: number
  /** The last user message, which the request is about. */
  readonly current: ClaimedMessage
  /** Its reply has begun already, and a tool's results were brought for it. */
  readonly isStep: boolean
}

export const roundsMax = 64

export interface ConversationKey {
  /** What kind of key it is, so that the ids of two clients never meet. */
  readonly source: string
  readonly key: string
}

/** A user message; digests are hex of 32 bytes. */
export interface ClaimedMessage {
  readonly user: string
  /** Of all user messages up to this one. */
  readonly chain: string
}

export interface ClaimedRound extends ClaimedMessage {
  /** Of the last thing said in reply; absent where nothing was said. */
  readonly reply?: ReplyDigest
  /** Tools were called before that. */
  readonly hasCalls?: boolean
}

/** What a reply is known by, when its client sends it back; hex of 32 bytes. */
export interface ReplyDigest {
  readonly digest: string
  readonly prefixDigest: string
  /** In characters, blanks collapsed. */
  readonly length: number
}
