import { expect, test } from 'vitest'

import { backendKinds } from '../../src/backends/backend-kinds.ts'
import { adapters } from '../../src/backends/kinds.ts'

test('every kind that a configuration may name has an adapter, and every adapter can be named', () => {
  expect(adapters.map(({ kind }) => kind)).toEqual(backendKinds)
})
