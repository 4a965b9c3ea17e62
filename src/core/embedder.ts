/** A text as numbers: texts that mean the same are near each other. Of length 1, so that a product is a cosine. */
export type Vector = readonly number[]

/** Which vectors may be compared with each other: those of one model with one length. */
export interface VectorSpace {
  readonly model: string
  readonly dimensions: number
}

/** A model that makes vectors of texts. */
export interface Embedder extends VectorSpace {
  /** One vector for each text, in their order. Bounded in time by whoever made it; rejects when it could not be done. */
  embed(texts: readonly string[]): Promise<readonly Vector[]>
}

/** Makes the vector of what is searched for, on the path of a request. */
export interface QueryEmbedder extends VectorSpace {
  /**
   * Resolves within so long, to undefined when there is no vector by then: no search waits for one, or fails for want of
   * it. Never rejects.
   */
  embed(question: string, timeoutMs: number): Promise<Vector | undefined>
}
