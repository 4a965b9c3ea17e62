import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { documentInput, queryInput } from '../../../src/memory/embeddings/embedding-input.ts'

test('a round is embedded as question and answer, behind what the model wants to read first', () => {
  const input = documentInput({ userText: ' What? ', replyText: 'That.' }, { prefix: 'doc: ', charactersMax: 100 })
  expect(input).toBe('doc: What?\n\nThat.')
})

test('whatever the round, its input is bounded, well formed, and holds the beginning of both', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ' ', '\n', 'é', '\u{10000}', '\u{1f600}'), maxLength: 60 })
  fc.assert(
    fc.property(text, text, fc.integer({ min: 2, max: 50 }), (userText, replyText, charactersMax) => {
      const input = documentInput({ userText, replyText }, { prefix: '', charactersMax })
      expect(input.length).toBeLessThanOrEqual(charactersMax + 2)
      expect(input.isWellFormed()).toBe(true)
      const half = Math.floor(charactersMax / 2)
      for (const whole of [userText, replyText]) expect(input).toContain(beginning(whole.trim(), half))
    }),
  )
})

test('of a long question the end is searched for, where people ask', () => {
  expect(queryInput(`${'log '.repeat(99)}why?`, { prefix: 'q: ', charactersMax: 8 })).toBe('q: log why?')
})

/** Without half a pair at its end. */
function beginning(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '')
}
