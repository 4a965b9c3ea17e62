import { expect, test } from 'vitest'

import { checkContext } from '../../../src/backends/probe/check-context.ts'

const model = { id: 'm', capabilities: {} }

test.each([
  ['of an agent', { ...model, contextLength: 32_768 }, undefined, 'passed'],
  ['that the operator states', model, 65_536, 'passed'],
  ['too small for an agent', { ...model, contextLength: 4096 }, 65_536, 'finding'],
  ['that nobody states', model, undefined, 'finding'],
])('a context %s', (_what, described, configured, outcome) => {
  expect(checkContext(described, configured).outcome).toBe(outcome)
})
