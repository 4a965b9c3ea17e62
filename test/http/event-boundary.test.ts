import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { EventBoundary } from '../../src/http/event-boundary.ts'

/** Bytes that are rich in what ends an event, cut anywhere. */
const chunks = fc.array(fc.string({ unit: fc.constantFrom('a', '\n', '\r\n', '\r'), maxLength: 6 }), { maxLength: 8 })

test('however a stream is cut, it is between events when it is empty or ends with an empty line', () => {
  fc.assert(
    fc.property(chunks, (parts) => {
      const boundary = new EventBoundary()
      let text = ''
      for (const part of parts.filter((one) => one !== '')) {
        boundary.push(Buffer.from(part))
        text += part
        expect([text, boundary.isBetweenEvents]).toEqual([text, /\n\r?\n$/.test(text)])
      }
    }),
    { numRuns: 1000 },
  )
  expect(new EventBoundary().isBetweenEvents).toBe(true)
})
