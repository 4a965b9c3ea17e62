import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { maskExcerpt } from '../../src/backends/mask-excerpt.ts'

const noSecrets = { secrets: [] }

test('text that the request does not hold is shown as it is', () => {
  const text = '{"error":{"message":"CUDA error: out of memory"}}'
  expect(maskExcerpt({ text, requestText: '{"model":"m","messages":[]}', ...noSecrets })).toBe(text)
})

test('a quoted run of 16 characters is masked, one of 15 is not', () => {
  const mask = (run: string): string => maskExcerpt({ text: `<<${run}>>`, requestText: `((${run}))`, ...noSecrets })
  expect(mask('abcdefghijklmno')).toBe('<<abcdefghijklmno>>')
  expect(mask('abcdefghijklmnop')).toBe('<<[masked]>>')
})

test('no run of 16 characters of the request survives, wherever the engine quotes it', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'cd', ' ', 'e-f'), minLength: 20, maxLength: 60 })
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), word, fc.string({ maxLength: 200 }), (before, prompt, after) => {
      const requestText = JSON.stringify({ content: prompt })
      const shown = maskExcerpt({ text: before + prompt + after, requestText, ...noSecrets })
      for (let at = 0; at + 16 <= prompt.length; at++) expect(shown).not.toContain(prompt.slice(at, at + 16))
    }),
  )
})

test.each([
  ['as it was sent', (prompt: string) => prompt],
  ['as JSON', (prompt: string) => JSON.stringify(prompt)],
  ['as JSON inside JSON', (prompt: string) => JSON.stringify(JSON.stringify(prompt))],
  ['with its characters as escapes', (prompt: string) => prompt.replaceAll(/[^ -~]/g, toEscape)],
  ['with its white space evened out', (prompt: string) => prompt.replaceAll(/\s+/g, ' ')],
])('a prompt is recognised %s', (_how, quote) => {
  const prompt = 'Größe:\n\t"über 100 Äpfel"\nund Birnen'
  const requestText = JSON.stringify({ messages: [{ role: 'user', content: prompt }] })
  const shown = maskExcerpt({ text: `bad input ${quote(prompt)}!`, requestText, ...noSecrets })
  expect(shown).toMatch(/^bad input "?(?:\\")?\[masked\]/)
  expect(shown).not.toMatch(/Birnen|Äpfel/)
})

test.each([
  'Authorization: Bearer abc.def-123',
  'Incorrect API key provided: sk-abcd****wxyz.',
  '{"api_key":"0123456789"}',
  'http://operator:hunter2@gpu-box/v1',
  'token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
])('a credential is masked by its form: %s', (text) => {
  const shown = maskExcerpt({ text, requestText: '', ...noSecrets })
  expect(shown).toContain('[masked]')
  expect(shown).not.toMatch(/abc\.def|wxyz|0123456789|hunter2|eyJ/)
})

test('a configured key is masked whatever it looks like', () => {
  expect(maskExcerpt({ text: 'bad key open-sesame-1', requestText: '', secrets: ['open-sesame-1'] })).toBe(
    'bad key [masked]',
  )
})

test('only the beginning is shown, and nothing that lies across the cut leaks', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_200 }), (offset) => {
      const secret = 'correct horse battery staple'
      const text = `${'. '.repeat(offset / 2)}${secret}${' .'.repeat(800)}`
      const shown = maskExcerpt({ text, requestText: secret, secrets: [secret] })
      expect(shown.length).toBeLessThanOrEqual(501)
      expect(shown).not.toMatch(/horse|battery/)
    }),
  )
})

test('a request too large to be compared shows nothing at all', () => {
  const shown = maskExcerpt({ text: 'harmless', requestText: 'x'.repeat(3 * 1024 * 1024), ...noSecrets })
  expect(shown).not.toContain('harmless')
})

function toEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
