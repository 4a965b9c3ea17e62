import { describe, expect, test } from 'vitest'

import { createCors } from '../../../src/http/auth/cors.ts'

const origin = 'https://chat.example.org'
const question = {
  origin,
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'authorization,x-stainless-os',
}

test('without configured origins no reply has a CORS header, and a preflight is an ordinary request', () => {
  const cors = createCors([])
  expect(cors.corsHeaders({ origin })).toBeUndefined()
  expect(cors.preflightHeaders('OPTIONS', question)).toBeUndefined()
})

describe('with configured origins', () => {
  const cors = createCors([`${origin}/`])

  test('a page of one may read replies, and caches keep them apart', () => {
    expect(cors.corsHeaders({ origin })).toEqual({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': '*',
      vary: 'Origin',
    })
  })

  test.each([undefined, 'https://evil.example', 'null'])(
    'others (%s) get no permission, and caches keep them apart',
    (other) => {
      expect(cors.corsHeaders({ origin: other })).toEqual({ vary: 'Origin' })
    },
  )

  test('a preflight is granted what it asks for', () => {
    expect(cors.preflightHeaders('OPTIONS', question)).toEqual({
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'authorization,x-stainless-os',
      'access-control-max-age': '7200',
    })
  })

  test('a preflight of another origin is answered without permission', () => {
    expect(cors.preflightHeaders('OPTIONS', { ...question, origin: 'https://evil.example' })).toEqual({})
  })

  test.each([
    ['POST', question],
    ['OPTIONS', { origin }],
    ['OPTIONS', { 'access-control-request-method': 'POST' }],
  ])('%s %o is no preflight', (method, headers) => {
    expect(cors.preflightHeaders(method, headers)).toBeUndefined()
  })

  test.each(['x\r\nset-cookie: a=b', 'a, b; c', '*', ','])(
    'what is no list of header names (%j) is not repeated',
    (names) => {
      const granted = cors.preflightHeaders('OPTIONS', { ...question, 'access-control-request-headers': names })
      expect(granted?.['access-control-allow-headers']).toBe('authorization, content-type')
    },
  )
})

test('a star is for every page, and never with credentials of the browser', () => {
  const headers = createCors(['*']).corsHeaders({ origin })
  expect(headers).toMatchObject({ 'access-control-allow-origin': '*' })
  expect(headers).not.toHaveProperty('access-control-allow-credentials')
})
