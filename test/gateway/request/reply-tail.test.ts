import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { ReplyTail } from '../../../src/gateway/request/reply-tail.ts'

function tailOf(chunks: readonly Buffer[]): string {
  const tail = new ReplyTail()
  for (const chunk of chunks) tail.push(chunk)
  return tail.text()
}

/** From single bytes to more than is kept. */
const chunk = fc
  .oneof(fc.nat(5), fc.nat(5_000), fc.nat(20_000))
  .chain((length) => fc.nat(255).map((seed) => Buffer.from(Array.from({ length }, (_, at) => 97 + ((at + seed) % 26)))))

test('the end of a reply is known, whatever the size of its pieces', () => {
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 12 }), (chunks) => {
      const all = Buffer.concat(chunks).toString()
      const text = tailOf(chunks)
      expect(all.endsWith(text)).toBe(true)
      expect(text.length).toBe(Math.min(all.length, 4096))
    }),
  )
})

test('a reply in single bytes is remembered as well as one in a single piece', () => {
  const bytes = Buffer.from(`${'x'.repeat(10_000)}data: [DONE]\n\n`)
  const single = Array.from(bytes, (byte) => Buffer.from([byte]))
  expect(tailOf(single)).toBe(tailOf([bytes]))
  expect(tailOf(single)).toMatch(/data: \[DONE\]\n\n$/)
})

test('what is remembered does not change when the piece it came from does', () => {
  const piece = Buffer.from('first')
  const tail = new ReplyTail()
  tail.push(piece)
  piece.fill(0)
  expect(tail.text()).toBe('first')
})

test.each([
  ['in one piece with what was before', ['data: {}\n\ndata: [DONE]\n\n'], [true]],
  ['in a piece of its own', ['data: {}\n\n', 'data: [DONE]\n\n'], [false, true]],
  ['cut in two', ['data: {}\n\ndata: [DO', 'NE]\n\n'], [false, true]],
  ['as text of a model', ['data: {"content":"data: [DONE]"}\n\n', 'data: {"content":"[DONE]"}\n\n'], [false, false]],
])('the end marker is seen with the piece that brings it: %s', (_, pieces, expected) => {
  const tail = new ReplyTail()
  const seen = pieces.map((piece) => {
    const bytes = Buffer.from(piece)
    tail.push(bytes)
    return tail.holdsEnd(bytes)
  })
  expect(seen).toEqual(expected)
})
