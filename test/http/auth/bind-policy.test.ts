import { describe, expect, test } from 'vitest'

import { checkBind, isAuthRequired } from '../../../src/http/auth/bind-policy.ts'

const plan = { host: '0.0.0.0', isAuthRequired: true, hasCredentials: true, hasTls: true }

describe('without auth', () => {
  test.each(['127.0.0.1', '127.8.8.8', 'localhost', 'LOCALHOST', '::1', '[::1]', '::ffff:127.0.0.1'])(
    '%s may be bound',
    (host) => {
      expect(checkBind({ host, isAuthRequired: false, hasCredentials: false, hasTls: false })).toEqual({ warnings: [] })
    },
  )

  test.each(['0.0.0.0', '::', '', '192.168.1.5', 'box.lan', '127.0.0.1.evil.example', '::ffff:10.0.0.1', '127.1'])(
    '"%s" may not be bound, and the way out is named',
    (host) => {
      const { refusal } = checkBind({ host, isAuthRequired: false, hasCredentials: false, hasTls: true })
      expect(refusal).toContain('llmr keys create NAME')
      expect(refusal).toContain('127.0.0.1')
    },
  )

  test('the way out is another one when there are keys that are not asked for', () => {
    expect(checkBind({ ...plan, isAuthRequired: false }).refusal).toContain('Remove `auth.required: false`')
  })
})

describe('with auth', () => {
  test('every address may be bound', () => {
    expect(checkBind(plan)).toEqual({ warnings: [] })
  })

  test('plaintext warns where other machines can listen in, and only there', () => {
    expect(checkBind({ ...plan, hasTls: false }).warnings).toEqual([expect.stringContaining('unencrypted')])
    expect(checkBind({ ...plan, hasTls: false, host: '127.0.0.1' }).warnings).toEqual([])
  })

  test('asking for keys while there are none warns', () => {
    expect(checkBind({ ...plan, hasCredentials: false }).warnings).toEqual([expect.stringContaining('401')])
  })
})

test('auth is required as soon as there is something to check, unless the operator says otherwise', () => {
  expect(isAuthRequired({ hasCredentials: false })).toBe(false)
  expect(isAuthRequired({ hasCredentials: true })).toBe(true)
  expect(isAuthRequired({ hasCredentials: true, required: false })).toBe(false)
  expect(isAuthRequired({ hasCredentials: false, required: true })).toBe(true)
})

test('a reload never turns auth off on an address that others can reach, not even with the last key', () => {
  for (const required of [undefined, false, true]) {
    expect(isAuthRequired({ hasCredentials: false, required, boundHost: '0.0.0.0' })).toBe(true)
  }
  expect(isAuthRequired({ hasCredentials: false, boundHost: '127.0.0.1' })).toBe(false)
})
