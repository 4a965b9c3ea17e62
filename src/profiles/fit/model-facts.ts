/** What the header of a GGUF file says about the memory a model takes. */
export interface ModelFacts {
  readonly architecture: string
  readonly name?: string
  /** Tokens it was trained for. */
  readonly trainedContext?: number
  readonly embeddingLength: number
  readonly feedForwardLength: number
  readonly vocabularySize: number
  /** One entry a layer. */
  readonly layers: readonly LayerFacts[]
  /** Bytes of what belongs to no layer: embeddings, which stay in RAM, and the output, which counts as a last layer. */
  readonly inputBytes: number
  readonly outputBytes: number
  /** Tokens that layers with a sliding window look back. */
  readonly slidingWindow?: number
  /** How the model pools embeddings; absent for one that writes text. */
  readonly pooling?: 'mean' | 'cls' | 'last' | 'rank'
  /** All bytes of weights, of every part. */
  readonly weightBytes: number
}

export interface LayerFacts {
  readonly weightBytes: number
  /** The share of it that are experts, which may stay in RAM at little cost. */
  readonly expertBytes: number
  /** Numbers kept for each token, in K and in V; zero for a layer without attention. */
  readonly keyWidth: number
  readonly valueWidth: number
  /** It looks back over the sliding window only. */
  readonly isWindowed: boolean
  /** Bytes of state for each request, whatever its length: layers without attention have it. */
  readonly stateBytes: number
}
