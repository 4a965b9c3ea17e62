import fc from 'fast-check'
import { expect, test } from 'vitest'

import { type EmbeddingEncoding, encodeEmbeddings } from '../../../src/dialects/openai/embedding-encoding.ts'

const vectors = fc.array(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 8 }), {
  maxLength: 4,
})

function encode(reply: unknown, encoding: EmbeddingEncoding): unknown {
  return JSON.parse(encodeEmbeddings(Buffer.from(JSON.stringify(reply)), encoding).toString())
}

test('floats survive the way to base64 and back', () => {
  fc.assert(
    fc.property(vectors, (embeddings) => {
      const data = embeddings.map((embedding, index) => ({ index, embedding: embedding.map((value) => value + 0) }))
      const reply = { object: 'list', data }
      expect(encode(encode(reply, 'base64'), 'float')).toEqual(JSON.parse(JSON.stringify(reply)))
    }),
  )
})

test('a reply that has the encoding asked for keeps every byte', () => {
  const body = Buffer.from('{ "data": [ {"embedding" : "AACAPw=="} ] }')
  expect(encodeEmbeddings(body, 'base64')).toBe(body)
})

test('base64 is little-endian 32-bit floats, as SDKs read it', () => {
  expect(encode({ data: [{ embedding: [1] }] }, 'base64')).toEqual({ data: [{ embedding: 'AACAPw==' }] })
})
