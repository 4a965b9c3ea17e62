import { expect, test } from 'vitest'

import { isAskedFor } from '../../../src/toolcalls/loop/is-asked-for.ts'

test.each([
  ['I will not talk in class. ', 'Write "I will not talk in class" a hundred times.'],
  ['talk in class.\nI will not ', 'Write "I will not talk in class" a hundred times.'],
])('%j was asked for, wherever it begins', (unit, text) => {
  expect(isAskedFor(unit, text)).toBe(true)
})

test.each([
  ['I will now read the file. ', 'Which port does the server use?'],
  ['ha', 'What has happened?'],
  ['', ''],
])('%j was not', (unit, text) => {
  expect(isAskedFor(unit, text)).toBe(false)
})
