import { expect, test } from 'vitest'

import { failureCauses } from '../../src/core/backend.ts'
import { errorStatus } from '../../src/core/error.ts'
import { judgeFailure } from '../../src/resilience/judge-failure.ts'

const causesWhere = (holds: (judgement: ReturnType<typeof judgeFailure>) => boolean): readonly string[] =>
  failureCauses.filter((cause) => holds(judgeFailure(cause)))

test('loading, busy, a refused request and a missing model are never held against a backend', () => {
  expect(causesWhere(({ countsForBreaker }) => !countsForBreaker)).toEqual([
    'loading',
    'busy',
    'rejected',
    'no_such_model',
  ])
})

test('only a request that the engine rejects is not tried elsewhere', () => {
  expect(causesWhere(({ isRetryable }) => !isRetryable)).toEqual(['rejected'])
})

test('a backend is down only when it could not be reached', () => {
  expect(causesWhere(({ marksBackendDown }) => marksBackendDown)).toEqual([
    'refused',
    'unresolved',
    'connect_timeout',
    'tls',
  ])
})

test('what is true of the whole server spares its other models: unreachable, or a key that it does not take', () => {
  expect(causesWhere(({ coversBackend }) => coversBackend)).toEqual([
    'refused',
    'unresolved',
    'connect_timeout',
    'tls',
    'unauthorized',
  ])
})

test("a backend's own trouble is a gateway error, so no client takes it for a fault of its request or its key", () => {
  const clientErrors = causesWhere(({ clientCode }) => errorStatus[clientCode] < 500)
  expect(clientErrors).toEqual(['rejected', 'no_such_model'])
})

test('clients are told not to repeat what cost minutes or cannot change by itself', () => {
  expect(causesWhere(({ isWorthRepeating }) => !isWorthRepeating)).toEqual([
    'tls',
    'unauthorized',
    'rejected',
    'slow_first_byte',
    'idle',
    'no_such_model',
  ])
})
