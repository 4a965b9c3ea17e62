export interface ContextRoom {
  /** What the operator allows. */
  readonly budget: number
  /** Of the model that is to answer; absent where nobody says. */
  readonly contextLength?: number
  readonly promptTokens: number
  /** Kept free for the reply, where the client says how long it may be. */
  readonly replyTokens?: number
}

/** Tokens that may be given back: what is configured, and never more than a quarter of what is free in the context. */
export function contextBudget({ budget, contextLength, promptTokens, replyTokens = 0 }: ContextRoom): number {
  if (contextLength === undefined) return budget
  const free = contextLength - promptTokens - Math.min(replyTokens, contextLength / 2)
  return Math.max(0, Math.min(budget, Math.floor(free / 4)))
}
