import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { findTarget } from '../../../../src/gateway/operating/upstream/find-target.ts'

const isModel = (name: string): boolean => ['m', 'org/m', 'org/m:8b', 'org'].includes(name)

test('the longest name that is a model counts, written with slashes or escaped', () => {
  expect(findTarget('org/m/v1/models', isModel)).toEqual({
    model: 'org/m',
    prefix: '/upstream/org/m',
    path: '/v1/models',
  })
  expect(findTarget('org%2Fm%3A8b/', isModel)).toEqual({
    model: 'org/m:8b',
    prefix: '/upstream/org%2Fm%3A8b',
    path: '/',
  })
  expect(findTarget('org/x', isModel)).toMatchObject({ model: 'org', path: '/x' })
  expect(findTarget('m', isModel)).toMatchObject({ model: 'm', path: '' })
  expect(findTarget('x/m/y', isModel)).toBeUndefined()
  expect(findTarget('', isModel)).toBeUndefined()
})

/** What paths are made of, and escapes that are none. */
const pieces = fc.constantFrom(
  'a',
  'B',
  '7',
  '/',
  '.',
  '..',
  '%2F',
  '%2e',
  '%',
  '%zz',
  '~',
  ':',
  '@',
  ';',
  '=',
  '+',
  '-',
)

test('no byte of the path is lost or changed on the way', () => {
  fc.assert(
    fc.property(fc.string({ unit: pieces }), (path) => {
      const rest = `m${path.startsWith('/') ? path : `/${path}`}`
      const target = findTarget(rest, (name) => name === 'm')
      expect(`m${target?.path}`).toBe(rest)
      expect(`${target?.prefix}${target?.path}`).toBe(`/upstream/${rest}`)
    }),
  )
})
