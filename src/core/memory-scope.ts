/** Whose conversations: what is kept for one scope is never looked up, joined or shown for another. */
export interface MemoryScope {
  readonly tenant: string
  readonly principal: string
}
