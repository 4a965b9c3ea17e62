/** Conversations as the operator is shown them. */

export interface ShownConversation {
  readonly id: string
  readonly tenant: string
  readonly principal: string
  /** What said that it is one: `inferred`, or the kind of key that its client sent. */
  readonly source: string
  readonly externalKey?: string
  readonly createdAt: string
  readonly lastAt: string
  readonly expiresAt: string
  /** The root first, each before those that go on from it; the latest `turnsShownMax`. */
  readonly rounds: readonly ShownRound[]
  /** Turns of it that are not shown. */
  readonly olderRounds: number
  /** Files that were read in it. */
  readonly files: readonly string[]
  readonly summaries: number
}

export const turnsShownMax = 500

/** One attempt at one turn. */
export interface ShownRound {
  readonly turn: string
  readonly reply: string
  /** The reply that it goes on from; absent at the root. */
  readonly after?: string
  readonly depth: number
  readonly requestId?: string
  readonly correlationId?: string
  readonly status: string
  readonly model?: string
  readonly at: string
  /** Absent where only its place is known: an agent's step, or one of which only the client told. */
  readonly userText?: string
  readonly replyText?: string
  readonly isEmbedded: boolean
}

export interface FoundText {
  readonly conversation: string
  readonly tenant: string
  readonly principal: string
  readonly requestId: string
  readonly at: string
  readonly userText: string
  readonly replyText: string
}

/** What was taken away, as counts. */
export interface Forgotten {
  readonly conversations: number
  readonly rounds: number
  /** Stored replies of the Responses API. */
  readonly responses: number
  readonly files: number
  /** Events and dead letters in the tables of the store. */
  readonly events: number
}

interface Forgetting {
  /** Of this one alone; absent: whosever it is. */
  readonly tenant?: string
  /** Nothing is taken away; what would be is counted. */
  readonly isTrial?: boolean
}

export type ForgetWish =
  | (Forgetting & { readonly conversation: string })
  | (Forgetting & { readonly principal: string })
