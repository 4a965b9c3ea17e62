import { expect, test } from 'vitest'

import { withBothRerankShapes } from '../../../src/dialects/openai/rerank-shapes.ts'

const ranks = [{ index: 1, relevance_score: 0.5 }]
const shaped = (reply: unknown): unknown =>
  JSON.parse(withBothRerankShapes(Buffer.from(JSON.stringify(reply))).toString())

test('a reranking has both lists, whichever of them the engine gave (R9)', () => {
  expect(shaped({ model: 'm', results: ranks })).toEqual({ model: 'm', results: ranks, data: ranks })
  expect(shaped({ model: 'm', data: ranks })).toEqual({ model: 'm', results: ranks, data: ranks })
})

test('what has both, or neither, stays as it is', () => {
  for (const body of ['{"results": [], "data": [1]}', '{ "error": "no" }', '[]'].map((text) => Buffer.from(text))) {
    expect(withBothRerankShapes(body)).toBe(body)
  }
})
