/** Word that a round of a conversation, question and answer, has been kept, and can be worked on. */
export interface PairNotice {
  /** By which the round is known in the store. */
  readonly requestId: string
  readonly correlationId: string
  readonly principal: string
}

/** What may be done with a round. */
export const pairTasks = ['embedding', 'summarise'] as const

export type PairTask = (typeof pairTasks)[number]
