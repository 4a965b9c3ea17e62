import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { intentRequest, readIntent } from '../../src/routing/intent.ts'

test('the intent model sees the beginning of the last user message and nothing else (N1.3)', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 1_200 }), (lastUserText) => {
      const { messages } = intentRequest({ lastUserText }, { model: 'small' })
      expect(messages.map(({ role }) => role)).toEqual(['system', 'user'])
      const shown = messages[1]?.content.replace(/^Message:\n/, '') ?? ''
      expect(shown.length).toBeLessThanOrEqual(500)
      expect(shown.isWellFormed()).toBe(true)
      expect(lastUserText.toWellFormed().startsWith(shown)).toBe(true)
    }),
  )
})

test('a character of two halves at the cut is left out whole', () => {
  const { messages } = intentRequest({ lastUserText: `${'a'.repeat(499)}😀` }, { model: 'small' })
  expect(messages[1]?.content).toBe(`Message:\n${'a'.repeat(499)}`)
})

test('the question holds the model to short, strict JSON, without chance (N1.3)', () => {
  const request = intentRequest({ lastUserText: 'hi' }, { model: 'small' })
  expect(request).toMatchObject({ model: 'small', temperature: 0 })
  expect(request.maxTokens).toBeLessThanOrEqual(32)
  expect(request.jsonSchema).toMatchObject({ required: ['intent'], additionalProperties: false })
})

test('each answer that the schema allows is read, and unsure is no answer', () => {
  expect(readIntent('{"intent":"coding"}')).toBe('coding')
  expect(readIntent(' {"intent": "general"}\n')).toBe('general')
  expect(readIntent('{"intent":"unsure"}')).toBeUndefined()
})

test('anything but the JSON that was asked for is no answer (N1.3)', () => {
  const replies = [
    '',
    'coding',
    '"coding"',
    'null',
    '[]',
    '{"intent":"Coding"}',
    '{"intent":["coding"]}',
    '{"intent":"coding","why":"it says so"}',
    '```json\n{"intent":"coding"}\n```',
    'def add(a, b):\n    return a + b',
    `{"intent":"coding"}${' '.repeat(600)}`,
    '{"__proto__":{"intent":"coding"}}',
  ]
  for (const reply of replies) expect([reply, readIntent(reply)]).toEqual([reply, undefined])
  fc.assert(fc.property(fc.json(), (reply) => readIntent(reply) === undefined))
})
