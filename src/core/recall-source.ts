import type { Vector } from './embedder.ts'
import type { MemoryScope } from './memory-scope.ts'

/** What is asked of the path that leads to a request. */
export interface RecallPathQuestion {
  readonly scope: MemoryScope
  /** The reply that is asked for now; what leads to it is the path, it and its own turn are not. */
  readonly reply: string
  /** In lower case, as the parser of the store makes them; one that ends in a star stands for all that begin so. */
  readonly words: readonly string[]
  /** Compared with what the same model made, and with nothing else. */
  readonly nearTo?: { readonly model: string; readonly vector: Vector }
}

/** One turn on the path that leads to a request, with the reply that the path goes through. Numbers of the store are texts. */
export interface RecallRound {
  readonly reply: string
  readonly turn: string
  /** Turns from the root to it. */
  readonly depth: number
  /** Its place on the path, counted from the latest, which is 0. */
  readonly distance: number
  /** Which words of the question stand in it, by their place in the list of them. */
  readonly words: readonly number[]
  /** Different words in it; 0 where it is not known what was said. */
  readonly length: number
  /** How near it is to the question; absent where nothing is embedded. */
  readonly cosine?: number
  /** Of its replies on the path, for an agent takes several steps, those in which files were read. */
  readonly filesOf: readonly string[]
}

/** What was said in a round. */
export interface KeptRound {
  readonly reply: string
  readonly userText: string
  readonly replyText: string
  readonly atMs: number
}

/** A file that was read, in the version that was read last. */
export interface KeptFile {
  /** In which it was read last. */
  readonly reply: string
  readonly uri: string
  /** Hex. */
  readonly sha256: string
  /** Its beginning, where it is long. */
  readonly content: string
  readonly atMs: number
}

export interface FileBounds {
  readonly most: number
  /** Of each. */
  readonly charactersMax: number
}

/** Whoever holds what was said. Nothing but the ancestors of a request is ever looked at. */
export interface RecallSource {
  /** The path that leads to a reply, the latest turn first. Empty for a reply that is not of this scope. */
  path(question: RecallPathQuestion, options: { readonly signal?: AbortSignal }): Promise<readonly RecallRound[]>
  /** What was said in these; in no order, and without those of which nothing is kept. */
  rounds(
    scope: MemoryScope,
    replies: readonly string[],
    options: { readonly signal?: AbortSignal },
  ): Promise<readonly KeptRound[]>
  /** Files that were read in these, the latest first. */
  files(
    scope: MemoryScope,
    replies: readonly string[],
    options: FileBounds & { readonly signal?: AbortSignal },
  ): Promise<readonly KeptFile[]>
}
