import fc from 'fast-check'
import { expect, test } from 'vitest'

import { foldMessages } from '../../../src/backends/chat/fold-messages.ts'
import { type Message, textOf } from '../../../src/core/chat/message.ts'

const say = (role: 'system' | 'user' | 'assistant', text: string): Message => ({
  role,
  parts: [{ type: 'text', text }],
})

const anyMessage = fc
  .tuple(fc.constantFrom('system' as const, 'user' as const, 'assistant' as const), fc.stringMatching(/^[a-z]{0,5}$/))
  .map(([role, text]) => say(role, text))

test('system and developer texts at the front become one', () => {
  expect(foldMessages([say('system', 'a'), say('system', 'b'), say('user', 'c')])).toEqual([
    say('system', 'a\n\nb'),
    say('user', 'c'),
  ])
})

test('a late system text stays where it is, in words of the user that say so (R6)', () => {
  const folded = foldMessages([say('user', 'a'), say('assistant', 'b'), say('system', 'c'), say('user', 'd')])
  expect(folded).toEqual([say('user', 'a'), say('assistant', 'b'), say('user', '<system>\nc\n</system>\n\nd')])
})

test('a conversation that goes on keeps the beginning that the engine has read', () => {
  const start = [say('system', 's'), say('user', 'a'), say('assistant', 'b')]
  const before = foldMessages(start)
  expect(foldMessages([...start, say('system', 'late'), say('user', 'c')]).slice(0, before.length)).toEqual(before)
})

test('there is one system message at most, at the front, no two users in a row, and no text is lost', () => {
  fc.assert(
    fc.property(fc.array(anyMessage), (messages) => {
      const folded = foldMessages(messages)
      expect(folded.slice(1).filter(({ role }) => role === 'system')).toEqual([])
      for (const [at, { role }] of folded.entries()) expect([role, folded[at + 1]?.role]).not.toEqual(['user', 'user'])
      const texts = (list: readonly Message[]): string => list.map(({ parts }) => textOf(parts)).join('')
      const letters = (text: string): string => text.replaceAll(/<\/?system>|\n/g, '')
      expect(letters(texts(folded))).toBe(letters(texts(messages)))
    }),
  )
})
