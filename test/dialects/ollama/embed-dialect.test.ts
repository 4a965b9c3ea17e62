import { expect, test } from 'vitest'

import { ollamaEmbedDialect, ollamaEmbeddingsDialect } from '../../../src/dialects/ollama/embed-dialect.ts'

const facts = { model: 'asked', elapsedMs: 12 }
const reply = {
  data: [
    { index: 1, embedding: [3, 4] },
    { index: 0, embedding: [1, 2] },
  ],
  usage: { prompt_tokens: 7 },
}

test('texts are asked for as floats, and come back in their order', () => {
  const request = { model: 'm', input: ['a', 'b'], dimensions: 2, truncate: true, keep_alive: '5m' }
  const restated = ollamaEmbedDialect.restate('embedding', request)
  expect(restated).toMatchObject({
    json: { model: 'm', input: ['a', 'b'], dimensions: 2, encoding_format: 'float' },
    notes: ['truncate'],
    residence: { idleMs: 300_000 },
  })
  expect(restated.writeReply(reply, facts)).toEqual({
    model: 'asked',
    embeddings: [
      [1, 2],
      [3, 4],
    ],
    total_duration: 12_000_000,
    load_duration: 1,
    prompt_eval_count: 7,
  })
})

test('one text, called a prompt, has one embedding', () => {
  const restated = ollamaEmbeddingsDialect.restate('embedding', { model: 'm', prompt: 'a' })
  expect(restated.json).toEqual({ model: 'm', input: 'a', encoding_format: 'float' })
  expect(restated.writeReply(reply, facts)).toEqual({ embedding: [1, 2] })
})

test('what is neither a text nor texts is refused before it reaches an engine', () => {
  for (const input of [undefined, 7, [1], { text: 'a' }]) {
    expect(() => ollamaEmbedDialect.restate('embedding', { model: 'm', input })).toThrow('Expected "input"')
  }
})

test('a reply without embeddings is none', () => {
  expect(() => ollamaEmbedDialect.restate('embedding', { input: 'a' }).writeReply({}, facts)).toThrow(SyntaxError)
})
