import { expect, test } from 'vitest'

import { replyFormat } from '../../../src/toolcalls/formats/reply-formats.ts'
import { replyStartOf } from '../../../src/toolcalls/lane/reply-start-of.ts'
import { isThinking } from '../../../src/toolcalls/parse/start-state.ts'

const format = replyFormat('hermes_json')
const asked = (text: string) => [{ role: 'user', parts: [{ type: 'text', text }] }] as const
const prompt = (text: string, end: string): string =>
  `<|im_start|>user\n${text}<|im_end|>\n<|im_start|>assistant\n${end}`

test('a prompt that ends within a thought says so, and one that has closed it does not', () => {
  const open = { prompt: prompt('Hello', '<think>\n'), messages: asked('Hello'), generationPrompt: undefined }
  expect(isThinking(format, replyStartOf(format, open))).toBe(true)
  const closed = { ...open, prompt: prompt('Hello', '<think>\n\n</think>\n\n') }
  expect(isThinking(format, replyStartOf(format, closed))).toBe(false)
})

test('a marker that somebody only wrote about opens nothing', () => {
  const text = 'What does <think> mean?'
  const start = replyStartOf(format, { prompt: prompt(text, ''), messages: asked(text), generationPrompt: undefined })
  expect(start).toEqual({ state: 'text', prefix: '' })
})

test('where the last message is not to be found, what a small prompt ended with counts', () => {
  const parts = { prompt: prompt('Encoded', '<think>\n'), messages: asked('Hello'), generationPrompt: '<think>\n' }
  expect(isThinking(format, replyStartOf(format, parts))).toBe(true)
  expect(replyStartOf(format, { ...parts, generationPrompt: 'other' })).toEqual({ state: 'text', prefix: '' })
})
