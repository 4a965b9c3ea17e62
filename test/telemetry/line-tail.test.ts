import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { LineTail } from '../../src/telemetry/line-tail.ts'

test('the last lines are kept in order, as many as have room, and never none', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 30 }), (lengths) => {
      const tail = new LineTail()
      const lines = lengths.map((length, index) => `${index}:`.padEnd(length, '.'))
      for (const line of lines) tail.push(`${line}\n`)
      const kept = tail.lines().map(({ text }) => text)
      expect(kept).toEqual(lines.slice(-kept.length))
      expect(kept.length).toBeGreaterThan(0)
      expect(kept.length === 1 || kept.join('\n').length <= 100 * 1024).toBe(true)
    }),
  )
})

test('thousands of lines do not pile up', () => {
  const tail = new LineTail()
  for (let count = 0; count < 20_000; count++) tail.push(`${'x'.repeat(99)}\n`)
  expect(tail.lines().length).toBe(1024)
})

test('a listener hears what comes until it has enough', () => {
  const tail = new LineTail()
  const heard: string[] = []
  const stop = tail.follow(({ text }) => heard.push(text))
  tail.push('one\n')
  stop()
  tail.push('two\n')
  expect(heard).toEqual(['one'])
})
