/**
 * A reply that its client may come back to, in the words of the client's dialect: for whoever keeps it the items are
 * opaque.
 */
export interface KeptReply {
  readonly id: string
  /** The reply that this one went on from; its items are not repeated here. */
  readonly previousId?: string
  readonly model: string
  readonly status: KeptStatus
  readonly createdMs: number
  readonly inputItems: readonly unknown[]
  readonly outputItems: readonly unknown[]
  readonly metadata: Readonly<Record<string, string>>
  /** Whatever else the client was told of it. */
  readonly fields: Readonly<Record<string, unknown>>
}

export type KeptStatus = 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled'

/** Which earlier replies a request needs. */
export interface ReplyReferences {
  /** The reply that it goes on from, with all those before it. */
  readonly previousId?: string
  /** Replies of which it repeats items by name alone. */
  readonly replyIds: readonly string[]
}

export interface EarlierReplies {
  /** The oldest first, the one that the request goes on from last. */
  readonly chain: readonly KeptReply[]
  /** Those of `replyIds` that are still there. */
  readonly named: readonly KeptReply[]
}
