import { expect, test } from 'vitest'

import type { Principal, Scope } from '../../../src/core/principal.ts'
import { acceptHop, hopHeaders } from '../../../src/gateway/request/hops.ts'
import { memoryExchange } from '../../support/memory-exchange.ts'

function exchangeWith(headers: Readonly<Record<string, string>>, scopes: readonly Scope[] = ['chat']) {
  const principal: Principal = { id: 'front', scopes: new Set(scopes) }
  return memoryExchange({ headers, principal, record: { principal: 'front' } }).exchange
}

test('a request that has been here before is refused, wherever in the chain that was', () => {
  for (const hops of ['me', 'a,me', 'me, b', 'a, me ,b']) {
    expect(() => acceptHop(exchangeWith({ 'x-llmr-hop': hops }), 'me')).toThrow(
      expect.objectContaining({ code: 'hop_loop', status: 508, facts: { isRetryable: false } }),
    )
  }
  expect(() => acceptHop(exchangeWith({ 'x-llmr-hop': 'not-me,a' }), 'me')).not.toThrow()
  expect(() => acceptHop(exchangeWith({}), 'me')).not.toThrow()
})

test('a chain ends after eight gateways, even without a circle', () => {
  const chain = (length: number) => Array.from({ length }, (_, index) => `g${index}`).join(',')
  expect(() => acceptHop(exchangeWith({ 'x-llmr-hop': chain(7) }), 'me')).not.toThrow()
  expect(() => acceptHop(exchangeWith({ 'x-llmr-hop': chain(8) }), 'me')).toThrow(/come through this gateway/)
})

test('whose request it is counts from a key with the scope gateway, and from nobody else', () => {
  const headers = { 'x-llmr-hop': 'a', 'x-llmr-principal': 'ottilie' }
  const trusted = exchangeWith(headers, ['chat', 'gateway'])
  acceptHop(trusted, 'me')
  expect(trusted.principal?.id).toBe('front/ottilie')
  expect(trusted.record.principal).toBe('front/ottilie')

  const other = exchangeWith(headers)
  acceptHop(other, 'me')
  expect(other.principal?.id).toBe('front')
  expect(other.record.principal).toBe('front')
})

test('what is passed on names this gateway last, and the principal in visible ASCII, whatever its name', () => {
  for (const [id, written] of [
    ['front', 'front'],
    ['J\u00f6rg, Zo\u00eb\r\n', 'J%C3%B6rg%2C%20Zo%C3%AB%0D%0A'],
    ['\ud800', '%EF%BF%BD'],
  ] as const) {
    const { exchange } = memoryExchange({
      principal: { id, scopes: new Set(['chat']) },
      headers: { 'x-llmr-hop': 'a,b' },
    })
    expect(hopHeaders(exchange, 'me')).toEqual(['x-llmr-hop', 'a,b,me', 'x-llmr-principal', written])
  }
  expect(hopHeaders(memoryExchange().exchange, 'me')).toEqual(['x-llmr-hop', 'me', 'x-llmr-principal', 'anonymous'])
})

test('how the client wants its waiting shown is passed on, if it says so', () => {
  const { exchange } = memoryExchange({ headers: { 'x-llmr-loading': 'status' } })
  expect(hopHeaders(exchange, 'me').slice(-2)).toEqual(['x-llmr-loading', 'status'])
})
