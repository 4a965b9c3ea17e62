/** One round on the path that leads to a request: what the user said, and the reply that the path goes through. */
export interface PathRound {
  /** The store's number of the reply. */
  readonly reply: string
  readonly turn: string
  /** Its place on the path, counted from the latest, which is 0. */
  readonly distance: number
  /** Which words of the question stand in it, by their place in the list of them. */
  readonly words: readonly number[]
  /** Different words in it; 0 where it is not known what was said. */
  readonly length: number
  /** How near it is to the question; absent where nothing is embedded. */
  readonly cosine?: number
}

/** A round with what was said in it. */
export interface SpokenRound {
  readonly reply: string
  readonly turn: string
  readonly distance: number
  readonly userText: string
  readonly replyText: string
  readonly atMs: number
}
