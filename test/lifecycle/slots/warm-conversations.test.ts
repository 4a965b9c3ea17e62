import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { WarmConversations } from '../../../src/lifecycle/slots/warm-conversations.ts'

test('a conversation is found in the slot that holds as much as it has grown to', () => {
  const warm = new WarmConversations()
  warm.served('one', 1_000)
  warm.served('other', 4_000)
  const slots = [
    { slotId: 0, tokens: 3_999 },
    { slotId: 1, tokens: 999 },
  ]
  expect(warm.find(slots)).toMatchObject([
    { slotId: 0, conversation: 'other' },
    { slotId: 1, conversation: 'one' },
  ])
})

test('what a slot held before counts no more: only what a conversation has grown to', () => {
  const warm = new WarmConversations()
  warm.served('talk', 1_000)
  warm.served('talk', 1_500)
  expect(warm.find([{ slotId: 0, tokens: 1_000 }])).toEqual([])
  expect(warm.find([{ slotId: 0, tokens: 1_500 }])).toHaveLength(1)
})

test('what is short, and what is no conversation of ours, is left out', () => {
  const warm = new WarmConversations()
  warm.served('short', 100)
  warm.served('talk', 1_000)
  const slots = [
    { slotId: 0, tokens: 100 },
    { slotId: 1, tokens: 700 },
    { slotId: 2, tokens: 0 },
  ]
  expect(warm.find(slots)).toEqual([])
})

const turns = fc.array(fc.record({ conversation: fc.string({ maxLength: 2 }), tokens: fc.nat(2_000) }), {
  maxLength: 200,
})
const held = fc.uniqueArray(fc.record({ slotId: fc.nat(9), tokens: fc.nat(2_000) }), {
  selector: ({ slotId }) => slotId,
})

test('no slot and no conversation is named twice, and the most recent come first', () => {
  fc.assert(
    fc.property(turns, held, (served, slots) => {
      const warm = new WarmConversations()
      for (const { conversation, tokens } of served) warm.served(conversation, tokens)
      const found = warm.find(slots)
      expect(new Set(found.map(({ slotId }) => slotId)).size).toBe(found.length)
      expect(new Set(found.map(({ conversation }) => conversation)).size).toBe(found.length)
      const uses = found.map(({ lastUse }) => lastUse)
      expect(uses).toEqual(uses.toSorted((one, other) => other - one))
    }),
  )
})

test('only so many conversations are remembered', () => {
  const warm = new WarmConversations()
  for (let count = 0; count < 1_000; count++) warm.served(`talk ${count}`, 1_000 + 20 * count)
  const everything = Array.from({ length: 1_000 }, (_, slotId) => ({ slotId, tokens: 1_000 + 20 * slotId }))
  expect(warm.find(everything)).toHaveLength(64)
})
