import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { isNestedDeeper } from '../../src/core/is-nested-deeper.ts'

/** As many levels as there are letters: `a` an array, `o` an object. */
function nested(levels: string): unknown {
  const opening = levels.replaceAll('a', '[1,').replaceAll('o', '{"x":')
  const closing = Array.from(levels).reverse().join('').replaceAll('a', ']').replaceAll('o', '}')
  return JSON.parse(`${opening}null${closing}`)
}

test('levels are counted to the one, whatever they are made of', () => {
  const levels = fc.array(fc.constantFrom('a', 'o'), { maxLength: 60 }).map((all) => all.join(''))
  fc.assert(
    fc.property(levels, (all) => {
      expect(isNestedDeeper(nested(all), all.length)).toBe(false)
      if (all.length > 0) expect(isNestedDeeper(nested(all), all.length - 1)).toBe(true)
    }),
  )
})

test('a depth that ends every other walk is only measured as far as it is asked', () => {
  expect(isNestedDeeper(nested('ao'.repeat(50_000)), 500)).toBe(true)
})

test('what hides behind a name of the language is counted too', () => {
  expect(isNestedDeeper(JSON.parse('{"__proto__":{"constructor":[[]]}}'), 3)).toBe(true)
})
