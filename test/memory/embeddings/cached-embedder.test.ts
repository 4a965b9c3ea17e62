import { expect, test } from 'vitest'

import type { Embedder, Vector } from '../../../src/core/embedder.ts'
import { CachedEmbedder, digestOf } from '../../../src/memory/embeddings/cached-embedder.ts'

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

function start(batch = 10) {
  const embedder = new SteppedEmbedder()
  const kept = new Map<string, Vector>()
  const known = (digests: readonly string[]) =>
    Promise.resolve(new Map(Array.from(kept).filter(([digest]) => digests.includes(digest))))
  return { embedder, kept, cached: new CachedEmbedder({ embedder, known, batch }) }
}

test('only what is missing is asked for, in one call, and each text once', async () => {
  const { embedder, kept, cached } = start()
  kept.set(digestOf('known'), [99])
  expect(await cached.embed(['a', 'known', 'bb', 'a'])).toEqual([[1], [99], [2], [1]])
  expect(embedder.calls).toEqual([['a', 'bb']])
  expect(await cached.embed(['known'])).toEqual([[99]])
  expect(embedder.calls).toHaveLength(1)
  expect(cached.counts).toEqual({ hit: 2, miss: 2, joined: 0 })
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

test('what failed is asked for anew', async () => {
  const { embedder, cached } = start(1)
  embedder.failure = new Error('down')
  await expect(cached.embed(['a'])).rejects.toThrow('down')
  embedder.failure = undefined
  expect(await cached.embed(['a'])).toEqual([[1]])
})
