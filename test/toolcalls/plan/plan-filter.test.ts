import { array, assert, constantFrom, integer, property, string } from 'fast-check'
import { expect, test } from 'vitest'

import { planClose, planOpen } from '../../../src/toolcalls/plan/plan-block.ts'
import { PlanFilter } from '../../../src/toolcalls/plan/plan-filter.ts'

const plan = '1. Read src/server.ts and find the handler.\n2. Add the route.\n3. Run the tests.'

function filter(text: string, size = text.length || 1): string {
  const filtering = new PlanFilter(plan)
  let said = ''
  for (let at = 0; at < text.length; at += size) said += filtering.push(text.slice(at, at + size))
  return said + filtering.end()
}

test('a plan that the model repeats does not leak into the reply, with its markers or without (N1.4)', () => {
  expect(filter(`Sure.\n${planOpen}\n${plan}\n${planClose}\nDone.`)).toBe('Sure.\n\nDone.')
  expect(filter(`Sure.\n${plan}\nDone.`)).toBe('Sure.\n\nDone.')
})

test('markers that stand alone are taken out, and a block that is never closed goes to the end', () => {
  expect(filter(`One.${planClose} Two.`)).toBe('One. Two.')
  expect(filter(`One.${planOpen}\n1. Read`)).toBe('One.')
})

test('a block that goes on beyond any plan does not swallow the answer', () => {
  const answer = 'x'.repeat(2_000)
  expect(filter(`${planOpen}${answer}`).length).toBeGreaterThan(1_000)
})

test('a reply that only begins like the plan loses what it repeats, and no more', () => {
  expect(filter('1. Read src/server.ts and find the other file.')).toBe(
    '1. Read src/server.ts and find the other file.',
  )
  expect(filter(`${plan.slice(0, 60)} else`)).toBe(' else')
})

test('what comes out depends on the text alone, not on where it was cut', () => {
  const piece = constantFrom(planOpen, planClose, plan, plan.slice(0, 50), '<llmr', '1. Read', 'x', '\n')
  assert(
    property(array(piece, { maxLength: 8 }), integer({ min: 1, max: 40 }), (pieces, size) => {
      const text = pieces.join('')
      expect(filter(text, size)).toBe(filter(text, 1))
      expect(filter(text, size)).not.toContain(planOpen)
    }),
  )
})

test('a text without any of it stays as it is', () => {
  assert(
    property(string(), integer({ min: 1, max: 9 }), (text, size) => {
      expect(filter(text, size)).toBe(text)
    }),
  )
})
