import { expect, test } from 'vitest'

import { createTokenCache } from '../../../src/http/auth/token-cache.ts'
import { ManualClock } from './manual-clock.ts'

const principal = { id: 'jwt:bob', scopes: new Set(['chat'] as const) }

test('a token is remembered until it ends', () => {
  const clock = new ManualClock()
  const cache = createTokenCache(clock)
  cache.keep('token', { principal, validUntilMs: clock.now() + 1_000 })
  clock.advance(999)
  expect(cache.find('token')).toBe(principal)
  expect(cache.find('token2')).toBeUndefined()
  clock.advance(1)
  expect(cache.find('token')).toBeUndefined()
  expect(cache.size).toBe(0)
})

test('a long-lived token is forgotten after five minutes, so that a withdrawn key stops counting', () => {
  const clock = new ManualClock()
  const cache = createTokenCache(clock)
  cache.keep('token', { principal, validUntilMs: Number.POSITIVE_INFINITY })
  clock.advance(5 * 60_000)
  expect(cache.find('token')).toBeUndefined()
})

test('ten thousand tokens leave the newest thousand', () => {
  const clock = new ManualClock()
  const cache = createTokenCache(clock)
  for (let index = 0; index < 10_000; index++) {
    cache.keep(`token ${index}`, { principal, validUntilMs: clock.now() + 1_000 })
  }
  expect(cache.size).toBe(1_000)
  expect(cache.find('token 9000')).toBe(principal)
  expect(cache.find('token 8999')).toBeUndefined()
})
