import type { IncomingHttpHeaders } from 'node:http'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { LlmrError } from '../../../src/core/error.ts'
import { createBrowserGuard, type BrowserGuardOptions } from '../../../src/http/auth/browser-guard.ts'

const here = 'localhost:8411'

function refusalOf(
  headers: IncomingHttpHeaders,
  options: Partial<BrowserGuardOptions> & { readonly method?: string } = {},
): string | undefined {
  const guard = createBrowserGuard({
    isAuthRequired: false,
    hosts: ['box.lan'],
    corsOrigins: [],
    listenHost: '127.0.0.1',
    ...options,
  })
  try {
    guard.check(options.method ?? 'POST', headers)
    return undefined
  } catch (error) {
    if (error instanceof LlmrError && error.status === 403) return error.code
    throw error
  }
}

describe('without auth, the host', () => {
  test.each([
    'localhost',
    'localhost:1',
    'LOCALHOST:8411',
    'localhost.',
    '127.0.0.1:8411',
    '[::1]',
    '[::1]:8411',
    'box.lan',
    'Box.Lan:80',
  ])('%s is answered, on any port', (host) => {
    expect(refusalOf({ host })).toBeUndefined()
  })

  test.each([
    undefined,
    '',
    'evil.example',
    'evil.example:8411',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    '[::2]',
    '[::1',
    'localhost@evil.example',
    'evil.example#localhost',
    '0.0.0.0:8411',
  ])('%s is not answered (DNS rebinding)', (host) => {
    expect(refusalOf({ host })).toBe('host_not_allowed')
  })

  test('is never anything else', () => {
    const foreign = fc
      .oneof(fc.string(), fc.webAuthority())
      .filter((host) => !/^(localhost|127\.0\.0\.1|\[::1\]|box\.lan)\.?(:|$)/i.test(host))
    fc.assert(
      fc.property(foreign, (host) => {
        expect(refusalOf({ host })).toBe('host_not_allowed')
      }),
    )
  })

  test.each([
    ['127.0.0.9', '127.0.0.9:8411'],
    ['::1', '[::1]:8411'],
  ])('may be the address %s that is listened on', (listenHost, host) => {
    expect(refusalOf({ host }, { listenHost })).toBeUndefined()
  })

  test('that a proxy was asked for counts as well', () => {
    expect(refusalOf({ host: here, 'x-forwarded-host': 'box.lan' })).toBeUndefined()
    expect(refusalOf({ host: here, 'x-forwarded-host': 'llm.example.org' })).toBe('host_not_allowed')
    expect(refusalOf({ host: here, 'x-forwarded-host': 'box.lan, llm.example.org' })).toBe('host_not_allowed')
  })

  test('that is refused is named with what to configure', () => {
    const guard = createBrowserGuard({ isAuthRequired: false, hosts: [], corsOrigins: [], listenHost: '127.0.0.1' })
    expect(() => guard.check('GET', { host: 'box.lan' })).toThrow(/"box.lan".*listen\.hosts.*llmr keys create/)
  })
})

describe('without auth, a page', () => {
  test.each<[string, IncomingHttpHeaders]>([
    ['of the gateway itself', { host: here, origin: 'http://localhost:8411', 'sec-fetch-site': 'same-origin' }],
    ['of the gateway behind TLS', { host: 'box.lan', origin: 'https://box.lan', 'sec-fetch-site': 'same-origin' }],
    ['that the user typed in', { host: here, 'sec-fetch-site': 'none' }],
  ])('%s may ask', (_, headers) => {
    expect(refusalOf(headers)).toBeUndefined()
  })

  test.each<[string, IncomingHttpHeaders]>([
    ['of another site', { host: here, origin: 'https://evil.example' }],
    ['of another port of this machine', { host: here, origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' }],
    ['in a sandbox', { host: here, origin: 'null' }],
    ['of an extension', { host: here, origin: 'chrome-extension://abc' }],
    ['whose origin looks alike', { host: here, origin: 'http://localhost:8411.evil.example' }],
    ['that speaks of another scheme', { host: here, origin: 'app://localhost:8411' }],
    ['of another site that hides its origin', { host: here, 'sec-fetch-site': 'cross-site' }],
    [
      'of another site that shows this one in a frame',
      { host: here, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    ],
  ])('%s may not', (_, headers) => {
    expect(refusalOf(headers, { method: 'GET' })).toBe('origin_not_allowed')
  })

  test('of another site may link here, but not send a form', () => {
    const visit = {
      host: here,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    }
    expect(refusalOf(visit, { method: 'GET' })).toBeUndefined()
    expect(refusalOf(visit, { method: 'POST' })).toBe('origin_not_allowed')
  })

  test('of a configured origin may ask', () => {
    const headers = { host: here, origin: 'https://chat.example.org', 'sec-fetch-site': 'cross-site' }
    expect(refusalOf(headers, { corsOrigins: ['https://chat.example.org/'] })).toBeUndefined()
    expect(refusalOf(headers, { corsOrigins: ['https://other.example.org'] })).toBe('origin_not_allowed')
    expect(refusalOf(headers, { corsOrigins: ['*'] })).toBeUndefined()
  })

  test('of any origin still needs a host that is answered', () => {
    expect(refusalOf({ host: 'evil.example', origin: 'https://evil.example' }, { corsOrigins: ['*'] })).toBe(
      'host_not_allowed',
    )
  })
})

describe('with auth', () => {
  test('any host and any page may ask: they need a key', () => {
    const headers = { host: 'llm.example.org', origin: 'https://evil.example', authorization: 'Bearer key' }
    expect(refusalOf(headers, { isAuthRequired: true })).toBeUndefined()
  })

  test('a page of another site may not use the key that the browser attaches by itself', () => {
    const headers = { host: 'llm.example.org', origin: 'https://evil.example', authorization: 'bAsic a2V5' }
    expect(refusalOf(headers, { isAuthRequired: true })).toBe('origin_not_allowed')
    expect(refusalOf({ ...headers, origin: undefined }, { isAuthRequired: true })).toBeUndefined()
  })
})

test('whatever the headers are, a request passes or is refused with a code', () => {
  const text = fc.option(
    fc.oneof(fc.string(), fc.constantFrom('localhost', '[::1', 'https://a.example', 'null', 'cross-site', 'Basic x')),
    { nil: undefined },
  )
  const headers = fc.record({
    host: text,
    origin: text,
    'sec-fetch-site': text,
    'x-forwarded-host': text,
    authorization: text,
  })
  fc.assert(
    fc.property(headers, fc.boolean(), (given, isAuthRequired) => {
      const code = refusalOf(given, { isAuthRequired, corsOrigins: ['https://a.example'] })
      expect([undefined, 'host_not_allowed', 'origin_not_allowed']).toContain(code)
    }),
  )
})
