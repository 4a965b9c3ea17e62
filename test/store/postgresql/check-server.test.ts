import { expect, test } from 'vitest'

import { checkServer } from '../../../src/store/postgresql/check-server.ts'

test('a server older than 15 is refused', () => {
  expect(() =>
    checkServer({ versionNumber: 140_011, version: '14.11', pgvector: '0.8.4', unboundUser: undefined }),
  ).toThrow(
    expect.objectContaining({ code: 'database_too_old', message: expect.stringContaining('this server is 14.11') }),
  )
})

test('a server without pgvector is refused with the package to install', () => {
  expect(() =>
    checkServer({ versionNumber: 170_002, version: '17.2', pgvector: undefined, unboundUser: undefined }),
  ).toThrow(
    expect.objectContaining({ code: 'pgvector_missing', message: expect.stringContaining('postgresql-17-pgvector') }),
  )
})

test.for([
  ['0.8.0', true],
  ['0.8.3', true],
  ['0.8.4', false],
  ['0.8.10', false],
  ['0.9.0', false],
  ['1.0', false],
] as const)('pgvector %s is advised against: %s', ([pgvector, isAdvised]) => {
  expect(checkServer({ versionNumber: 150_000, version: '15.0', pgvector, unboundUser: undefined })).toHaveLength(
    isAdvised ? 1 : 0,
  )
})

test('a user whom the wall between tenants does not bind is named, with the way out', () => {
  const facts = { versionNumber: 170_002, version: '17.2', pgvector: '0.8.4' }
  expect(checkServer({ ...facts, unboundUser: undefined })).toEqual([])
  expect(checkServer({ ...facts, unboundUser: 'postgres' })).toEqual([
    expect.stringMatching(/user "postgres" .* log in as an ordinary user/),
  ])
})
