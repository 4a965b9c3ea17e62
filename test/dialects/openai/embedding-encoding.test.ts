import fc from 'fast-check'
import { expect, test } from 'vitest'

import { encodeEmbeddings } from '../../../src/dialects/openai/embedding-encoding.ts'

const vectors = fc.array(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 8 }), {
  maxLength: 4,
})

test('floats survive the way to base64 and back', () => {
  fc.assert(
    fc.property(vectors, (embeddings) => {
      const reply = { object: 'list', data: embeddings.map((embedding, index) => ({ index, embedding })) }
      expect(encodeEmbeddings(encodeEmbeddings(reply, 'base64'), 'float')).toEqual(reply)
    }),
  )
})

test('a reply that already has the encoding asked for is left alone', () => {
  const reply = { data: [{ embedding: 'AACAPw==' }] }
  expect(encodeEmbeddings(reply, 'base64')).toEqual(reply)
})

test('base64 is little-endian 32-bit floats, as SDKs read it', () => {
  expect(encodeEmbeddings({ data: [{ embedding: [1] }] }, 'base64')).toEqual({ data: [{ embedding: 'AACAPw==' }] })
})
