import { expect, test } from 'vitest'

import { planOpen } from '../../../src/toolcalls/plan/plan-block.ts'
import { planQuestion, readPlan } from '../../../src/toolcalls/plan/plan-question.ts'

test('the small model is shown the task alone, and of a book its beginning', () => {
  const { messages, maxTokens } = planQuestion('x'.repeat(50_000), { model: 'small', maxTokens: 300 })
  expect(messages).toHaveLength(2)
  expect(messages[1]?.content.length).toBeLessThan(4_100)
  expect(maxTokens).toBe(300)
})

test('only steps are taken from its answer, so many and so long', () => {
  expect(
    readPlan('Sure! Here is the plan:\n\n1. Read a.ts.\n2) Change it.\n- Run tests.\n\n```ts\ncode()\n```\nGood luck!'),
  ).toBe('1. Read a.ts.\n2) Change it.\n- Run tests.')
  expect(
    readPlan(Array.from({ length: 50 }, (_, at) => `${at}. ${'x'.repeat(500)}`).join('\n'))?.length,
  ).toBeLessThanOrEqual(2_000)
})

test('markers in the answer do not end the block that it will stand in', () => {
  expect(readPlan(`1. ${planOpen} Read the file.\n2. Done with it.`)).not.toContain(planOpen)
})

test.each(['', 'I cannot help with that.', 'const a = 1', '1. Go.'])('%j is no plan', (answer) => {
  expect(readPlan(answer)).toBeUndefined()
})
