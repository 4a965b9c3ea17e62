import { expect, test } from 'vitest'

import {
  moderationCategories,
  readGuardVerdict,
  readModerationInput,
  writeModeration,
} from '../../../src/dialects/openai/moderation.ts'

test.each([
  ['safe', false, []],
  ['\n\nunsafe\nS1,S10', true, ['violence', 'illicit/violent', 'hate']],
  ['unsafe\nS13', true, []],
  ['Safety: Unsafe\nCategories: Violent, Suicide & Self-Harm', true, ['violence', 'self-harm']],
  ['Safety: Safe\nCategories: None', false, []],
  ['Yes', true, []],
  ['No', false, []],
])('the guard answer %j is understood', (answer, isFlagged, categories) => {
  expect(readGuardVerdict(answer)).toEqual({ isFlagged, categories })
})

test('an answer that is no verdict does not pass for safe', () => {
  expect(readGuardVerdict('I cannot help with that.')).toBeUndefined()
  expect(readGuardVerdict('')).toBeUndefined()
})

test('every category is in every result', () => {
  const reply = writeModeration({ requestId: 'r', model: 'm', verdicts: [{ isFlagged: true, categories: ['hate'] }] })
  const [result] = Reflect.get(reply, 'results') as { categories: Record<string, boolean>; flagged: boolean }[]
  expect(Object.keys(result!.categories)).toEqual([...moderationCategories])
  expect(result).toMatchObject({ flagged: true, categories: { hate: true, sexual: false } })
})

test('strings are inputs of their own, text parts are one input, images are refused', () => {
  expect(readModerationInput({ input: ['a', 'b'] })).toEqual(['a', 'b'])
  expect(
    readModerationInput({
      input: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    }),
  ).toEqual(['a\nb'])
  expect(() => readModerationInput({ input: [{ type: 'image_url' }] })).toThrow(
    expect.objectContaining({ code: 'invalid_request' }),
  )
})
