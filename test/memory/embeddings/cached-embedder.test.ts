import { expect, test } from 'vitest'

import type { Embedder, Vector } from '../../../src/core/embedder.ts'
import { CachedEmbedder, digestOf, type VectorCache } from '../../../src/memory/embeddings/cached-embedder.ts'

/** Answers when it is told to; a text's vector is its length. */
class SteppedEmbedder implements Embedder {
  readonly model = 'm'
  readonly dimensions = 1
  readonly calls: (readonly string[])[] = []
  failure: Error | undefined
  #gate: Promise<void> = Promise.resolve()

  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#gate = promise
    return resolve
  }

  async embed(texts: readonly string[]): Promise<readonly Vector[]> {
    this.calls.push(texts)
    await this.#gate
    if (this.failure !== undefined) throw this.failure
    return texts.map((text) => [text.length])
  }
}

class MapCache implements VectorCache {
  readonly vectors = new Map<string, Vector>()

  get(_space: unknown, digests: readonly string[]) {
    return Promise.resolve(new Map(Array.from(this.vectors).filter(([digest]) => digests.includes(digest))))
  }

  put(_space: unknown, vectors: ReadonlyMap<string, Vector>) {
    for (const [digest, vector] of vectors) this.vectors.set(digest, vector)
    return Promise.resolve()
  }
}

function start(batch = 10) {
  const embedder = new SteppedEmbedder()
  const cache = new MapCache()
  return { embedder, cache, cached: new CachedEmbedder({ embedder, cache, batch }) }
}

test('only what is missing is asked for, in one call, and each text once', async () => {
  const { embedder, cache, cached } = start()
  cache.vectors.set(digestOf('known'), [99])
  expect(await cached.embed(['a', 'known', 'bb', 'a'])).toEqual([[1], [99], [2], [1]])
  expect(embedder.calls).toEqual([['a', 'bb']])
  expect(await cached.embed(['bb', 'a'])).toEqual([[2], [1]])
  expect(embedder.calls).toHaveLength(1)
  expect(cached.counts).toEqual({ hit: 3, miss: 2, joined: 0 })
})

test('more than the batch is asked for in several calls', async () => {
  const { embedder, cached } = start(2)
  await cached.embed(['a', 'b', 'c', 'd', 'e'])
  expect(embedder.calls).toEqual([['a', 'b'], ['c', 'd'], ['e']])
})

test('a text that is under way is waited for and not asked for again', async () => {
  const { embedder, cached } = start()
  const release = embedder.hold()
  const first = cached.embed(['a', 'b'])
  const second = cached.embed(['b', 'c'])
  release()
  expect(await first).toEqual([[1], [1]])
  expect(await second).toEqual([[1], [1]])
  expect(embedder.calls.flat().toSorted()).toEqual(['a', 'b', 'c'])
  expect(cached.counts.joined).toBe(1)
})

test('what failed is asked for anew, and what came before the failure is kept', async () => {
  const { embedder, cache, cached } = start(1)
  embedder.failure = new Error('down')
  await expect(cached.embed(['a'])).rejects.toThrow('down')
  embedder.failure = undefined
  expect(await cached.embed(['a'])).toEqual([[1]])
  expect(cache.vectors.size).toBe(1)
})
