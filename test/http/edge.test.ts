import { expect, test } from 'vitest'

import { LlmrError } from '../../src/core/error.ts'
import type { Principal } from '../../src/core/principal.ts'
import { createBrowserGuard } from '../../src/http/auth/browser-guard.ts'
import { createTrustedProxies } from '../../src/http/auth/trusted-proxies.ts'
import { createEdge, type EdgePolicy, isLocalCaller } from '../../src/http/edge.ts'
import type { Exchange } from '../../src/http/exchange.ts'
import { memoryExchange } from '../support/memory-exchange.ts'

const chatter: Principal = { id: 'chatter', scopes: new Set(['chat']), maxConcurrent: 1 }

function policy(options: Partial<EdgePolicy> & { corsOrigins?: readonly string[] } = {}): EdgePolicy {
  const { corsOrigins = [], ...rest } = options
  return {
    guard: createBrowserGuard({ isAuthRequired: false, hosts: [], corsOrigins, listenHost: '127.0.0.1' }),
    authenticator: { authenticate: () => chatter },
    clientOf: createTrustedProxies([]),
    ...rest,
  }
}

function createTestEdge(options?: Parameters<typeof policy>[0]) {
  return createEdge(policy(options), { now: () => 0, monotonic: () => 0 })
}

async function refusal(act: () => unknown): Promise<unknown> {
  try {
    await act()
  } catch (error) {
    if (error instanceof LlmrError) return error.code
    throw error
  }
  return undefined
}

test('the checks come in their order: the page, the path, the person, the right', async () => {
  const nobody = { authenticate: () => Promise.reject(new LlmrError('unauthenticated', 'no key')) }
  const edge = createTestEdge({ authenticator: nobody })
  const evil = memoryExchange({ headers: { origin: 'https://evil.example' } }).exchange
  expect(await refusal(() => edge.admit(evil, '/nowhere'))).toBe('origin_not_allowed')
  const { exchange } = memoryExchange()
  expect(await refusal(() => edge.admit(exchange, '/nowhere'))).toBe('route_not_found')
  expect(await refusal(() => edge.admit(exchange, '/v1/chat/completions'))).toBe('unauthenticated')
  edge.replace(policy())
  expect(await refusal(() => edge.admit(memoryExchange({ method: 'GET' }).exchange, '/llmr/v1/status'))).toBe(
    'forbidden',
  )
  expect(await refusal(() => edge.admit(exchange, '/v1/chat/completions'))).toBeUndefined()
})

test('who was admitted is on the exchange and its record, with the route and its dialect', async () => {
  const { exchange } = memoryExchange({ record: { route: 'other' } })
  const route = await createTestEdge().admit(exchange, '/v1/chat/completions')
  expect(route).toMatchObject({ purpose: 'operation', operation: 'chat' })
  expect(exchange.principal).toBe(chatter)
  expect(exchange.record).toMatchObject({ principal: 'chatter', route: 'chat', clientAddress: '127.0.0.1' })
  expect(exchange.dialect).toBe(route?.dialect)
})

test('what is open asks nobody for a key', async () => {
  const edge = createTestEdge({
    authenticator: {
      authenticate: () => {
        throw new Error('asked')
      },
    },
  })
  for (const path of ['/', '/healthz', '/readyz']) {
    expect(await edge.admit(memoryExchange({ method: 'GET' }).exchange, path)).toMatchObject({ scope: undefined })
  }
})

test('a place is taken by a request to a model alone, and given back when the exchange ends', async () => {
  const edge = createTestEdge()
  const first = memoryExchange().exchange
  await edge.admit(first, '/v1/chat/completions')
  expect(await refusal(() => edge.admit(memoryExchange().exchange, '/v1/chat/completions'))).toBe('concurrency_limited')
  expect(await refusal(() => edge.admit(memoryExchange({ method: 'GET' }).exchange, '/v1/models'))).toBeUndefined()
  first.close()
  expect(await refusal(() => edge.admit(memoryExchange().exchange, '/v1/chat/completions'))).toBeUndefined()
})

test('a preflight is answered for named origins, and every reply to them says so, refusals too', async () => {
  const edge = createTestEdge({ corsOrigins: ['https://app.example'] })
  const headers = { origin: 'https://app.example' }
  const preflight = memoryExchange({
    method: 'OPTIONS',
    headers: { ...headers, 'access-control-request-method': 'POST' },
  })
  expect(await edge.admit(preflight.exchange, '/v1/chat/completions')).toBeUndefined()
  expect(preflight.reply()).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': headers.origin } })

  const lost = memoryExchange({ headers })
  expect(await refusal(() => edge.admit(lost.exchange, '/nowhere'))).toBe('route_not_found')
  lost.exchange.fail(new LlmrError('route_not_found', 'nowhere'))
  expect(lost.reply().headers['access-control-allow-origin']).toBe(headers.origin)
})

test('any key reads the figures of its own machine; elsewhere it takes the scope', async () => {
  const edge = createTestEdge()
  const from = (address: string, headers = {}): Exchange => memoryExchange({ method: 'GET', address, headers }).exchange
  expect(await refusal(() => edge.admit(from('127.0.0.1'), '/metrics'))).toBeUndefined()
  expect(await refusal(() => edge.admit(from('192.168.1.5'), '/metrics'))).toBe('forbidden')
  // A proxy on this machine that nobody told us to trust speaks for others.
  expect(await refusal(() => edge.admit(from('127.0.0.1', { 'x-forwarded-for': '1.2.3.4' }), '/metrics'))).toBe(
    'forbidden',
  )
})

test('a caller is local when its address is, and it speaks for nobody else', () => {
  const caller = (clientAddress: string, headers = {}) =>
    isLocalCaller(memoryExchange({ record: { clientAddress }, headers }).exchange)
  expect(caller('127.0.0.1')).toBe(true)
  expect(caller('::1')).toBe(true)
  expect(caller('10.0.0.1')).toBe(false)
  expect(caller('127.0.0.1', { forwarded: 'for=1.2.3.4' })).toBe(false)
})
