import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createChantGuard, type Chant } from '../../../src/toolcalls/loop/chant-guard.ts'

const start = 'The answer depends on the reader. '
const unit = 'I will now read the file again. '

const heard = (text: string, size = text.length): Chant | undefined => {
  const guard = createChantGuard()
  return (text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? []).map((chunk) => guard.push(chunk)).at(-1)
}

test('a sentence said over and over is a chant, and is kept once', () => {
  const text = start + unit.repeat(20)
  const chant = heard(text)
  expect(chant?.count).toBeGreaterThanOrEqual(10)
  expect(chant?.unit).toHaveLength(unit.length)
  expect(text.slice(0, chant?.keep).split('read the file').length - 1).toBeLessThanOrEqual(2)
})

test('a syllable is enough', () => {
  expect(heard(`So ${'ha'.repeat(300)}`)?.unit.length).toBeLessThanOrEqual(2)
})

test.each([
  ['a few repeats', start + unit.repeat(5)],
  ['a line of dashes', '-'.repeat(1000)],
  ['a table of zeros', '0, 0, 0, 1\n'.repeat(100)],
  ['code', `\`\`\`ts\n${'expect(read()).toBe(1)\n'.repeat(60)}\`\`\``],
  ['a list that goes on', Array.from({ length: 100 }, (_, index) => `${index}. Read the file again.\n`).join('')],
])('%s is none', (_, text) => {
  expect(heard(text)).toBeUndefined()
})

test('it is heard at the same place however the reply is cut', () => {
  const text = start + unit.repeat(30)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), (size) => {
      expect(heard(text, size)).toEqual(heard(text))
    }),
  )
  const fenced = `\`\`\`\n${unit.repeat(30)}\`\`\`\n${unit.repeat(30)}`
  expect(heard(fenced, 1)).toEqual(heard(fenced))
  expect(heard(fenced)).toBeDefined()
})
