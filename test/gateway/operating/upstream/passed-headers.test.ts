import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { headersToClient, headersToEngine } from '../../../../src/gateway/operating/upstream/passed-headers.ts'

test("no credential, cookie or address of the client's reaches an engine, however it is spelled (N2.9)", () => {
  const secret = fc.constantFrom(
    'authorization',
    'proxy-authorization',
    'x-api-key',
    'api-key',
    'cookie',
    'x-forwarded-for',
    'forwarded',
    'origin',
    'user-agent',
    'x-llmr-user',
    'x-llmr-hop',
  )
  fc.assert(
    fc.property(fc.array(secret), fc.array(fc.string()), (names, more) => {
      const given = Object.fromEntries([...names, ...more].map((name) => [name.toLowerCase(), 'secret']))
      const passed = headersToEngine({ ...given, accept: 'a/b', 'content-type': 'c/d', range: 'bytes=0-1' })
      for (const name of names) expect(passed[name]).toBeUndefined()
      expect(passed).toMatchObject({ accept: 'a/b', 'content-type': 'c/d', range: 'bytes=0-1' })
    }),
  )
})

test("an engine's own addresses lead below the prefix, others stay", () => {
  const where = { prefix: '/upstream/m', engineUrl: 'http://127.0.0.1:9000' }
  const location = (value: string): string | undefined => headersToClient([['Location', value]], where)[1]
  expect(location('/login?x=%2F')).toBe('/upstream/m/login?x=%2F')
  expect(location('http://127.0.0.1:9000')).toBe('/upstream/m/')
  expect(location('http://127.0.0.1:9000/a')).toBe('/upstream/m/a')
  expect(location('//elsewhere.example/a')).toBe('//elsewhere.example/a')
  expect(location('https://elsewhere.example/a')).toBe('https://elsewhere.example/a')
  expect(location('next')).toBe('next')
})

test('what belongs to the connection, and rights that an engine gives to pages, end here', () => {
  const headers = [
    ['Connection', 'close'],
    ['Transfer-Encoding', 'chunked'],
    ['Set-Cookie', 'a=b'],
    ['Access-Control-Allow-Origin', '*'],
    ['Content-Type', 'text/html'],
    ['ETag', '"1"'],
  ] as const
  expect(headersToClient(headers, { prefix: '', engineUrl: 'http://e' })).toEqual([
    'Content-Type',
    'text/html',
    'ETag',
    '"1"',
  ])
})
