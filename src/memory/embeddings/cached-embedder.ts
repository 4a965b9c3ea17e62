import { createHash } from 'node:crypto'

import type { Embedder, Vector } from '../../core/embedder.ts'

export interface CachedEmbedderOptions {
  readonly embedder: Embedder
  /** Vectors in the embedder's space that are kept, by digest in hex. */
  readonly known: (digests: readonly string[]) => Promise<ReadonlyMap<string, Vector>>
  /** Texts in one call of the embedder. */
  readonly batch: number
}

/**
 * Asks the embedder only for texts that nobody has asked it for: what is kept is taken from there, what is under way is
 * waited for, and the rest is one call, or as many as the batch makes necessary.
 */
export class CachedEmbedder implements Embedder {
  readonly model: string
  readonly dimensions: number
  /** Texts, since the start. `joined`: another call was asking for it. */
  readonly counts = { hit: 0, miss: 0, joined: 0 }
  readonly #options: CachedEmbedderOptions
  readonly #underWay = new Map<string, Promise<Vector>>()

  constructor(options: CachedEmbedderOptions) {
    this.#options = options
    this.model = options.embedder.model
    this.dimensions = options.embedder.dimensions
  }

  embed(texts: readonly string[]): Promise<readonly Vector[]> {
    const byDigest = new Map(texts.map((text) => [digestOf(text), text]))
    const fresh = new Map(Array.from(byDigest).filter(([digest]) => !this.#underWay.has(digest)))
    this.counts.joined += byDigest.size - fresh.size
    if (fresh.size > 0) this.#begin(fresh)
    return Promise.all(texts.map((text) => this.#underWay.get(digestOf(text)) ?? Promise.reject(neverBegun())))
  }

  #begin(fresh: ReadonlyMap<string, string>): void {
    const found = this.#find(fresh)
    for (const digest of fresh.keys()) {
      const vector = found.then((vectors) => vectors.get(digest) ?? Promise.reject(neverBegun()))
      const forget = (): void => void this.#underWay.delete(digest)
      vector.then(forget, forget)
      this.#underWay.set(digest, vector)
    }
  }

  async #find(fresh: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, Vector>> {
    const { embedder, known, batch } = this.#options
    const found = new Map(await known(Array.from(fresh.keys())))
    const missing = Array.from(fresh).filter(([digest]) => !found.has(digest))
    this.counts.hit += found.size
    this.counts.miss += missing.length
    for (let start = 0; start < missing.length; start += batch) {
      const part = missing.slice(start, start + batch)
      const vectors = await embedder.embed(part.map(([, text]) => text))
      for (const [index, [digest]] of part.entries()) {
        const vector = vectors[index]
        if (vector !== undefined) found.set(digest, vector)
      }
    }
    return found
  }
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function neverBegun(): Error {
  return new Error('the embedder gave fewer vectors than texts')
}
