import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { SseEvents } from '../../src/core/sse-events.ts'

const stream = ': comment\n\ndata: {"text":"Grüße 🌍"}\r\n\r\nevent: x\ndata:{"n":2}\n\ndata: [DONE]\n\n'
const events = ['{"text":"Grüße 🌍"}', '{"n":2}', '[DONE]']

test('the same events come out wherever the bytes were cut, inside a character too', () => {
  const bytes = Buffer.from(stream)
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), bytes.length]
      const reader = new SseEvents()
      const found = places.slice(1).flatMap((end, index) => reader.push(bytes.subarray(places[index], end)))
      expect([...found, ...reader.end()]).toEqual(events)
    }),
  )
})

test('an event without its closing line break is given at the end', () => {
  const reader = new SseEvents()
  expect(reader.push(Buffer.from('data: last'))).toEqual([])
  expect(reader.pendingLength).toBe('data: last'.length)
  expect(reader.end()).toEqual(['last'])
})

test('a line of megabytes in small chunks is put together once', () => {
  const reader = new SseEvents()
  const chunk = Buffer.from('x'.repeat(100))
  reader.push(Buffer.from('data:'))
  for (let count = 0; count < 100_000; count++) reader.push(chunk)
  expect(reader.push(Buffer.from('\n')).map(({ length }) => length)).toEqual([10_000_000])
})
