import { expect, test } from 'vitest'

import { RecentRounds } from '../../../src/memory/recall/recent-rounds.ts'

const round = (text: string) => ({ userText: text, replyText: text, atMs: 0 })

test('what was said is found by its reply until it is taken away', () => {
  const recent = new RecentRounds()
  recent.add('1', round('hello'))
  expect(recent.get('1')?.userText).toBe('hello')
  recent.delete('1')
  expect(recent.get('1')).toBeUndefined()
  recent.add('1', round('hello'))
  recent.clear()
  expect(recent.get('1')).toBeUndefined()
})

test('however much is said, only so much is held, and the oldest goes first', () => {
  const recent = new RecentRounds()
  const text = 'x'.repeat(100_000)
  for (let reply = 0; reply < 100; reply++) recent.add(String(reply), round(text))
  const held = Array.from({ length: 100 }, (_, reply) => reply).filter((reply) => recent.get(String(reply)))
  expect(held.length).toBeLessThanOrEqual(42)
  expect(held.at(-1)).toBe(99)
  expect(held[0]).toBe(100 - held.length)
})

test('saying the same again costs nothing more, and one huge text does not push out all others', () => {
  const recent = new RecentRounds()
  for (let time = 0; time < 1_000; time++) recent.add('same', round('x'.repeat(50_000)))
  recent.add('other', round('y'))
  recent.add('huge', round('z'.repeat(3_000_000)))
  expect(recent.get('same')).toBeDefined()
  expect(recent.get('other')).toBeDefined()
  expect(recent.get('huge')).toBeUndefined()
})
