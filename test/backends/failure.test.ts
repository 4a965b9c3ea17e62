import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { type BackendFailure, failureFromError, failureFromStatus } from '../../src/backends/failure.ts'
import { failureCauses } from '../../src/core/backend.ts'

const url = 'http://gpu-box:8080/v1/chat/completions'

interface Refusal {
  readonly from: string
  readonly status: number
  readonly headers?: Record<string, string>
  readonly json?: unknown
  readonly text?: string
  readonly cause: string
  readonly overflow?: object
  readonly retryAfterSeconds?: number
}

const refusals = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/backends/refusals.json'), 'utf8'),
) as readonly Refusal[]

describe('a refusal in the words of an engine', () => {
  test.each(refusals.map((refusal) => [`${refusal.from} ${refusal.status} ${bodyOf(refusal).slice(0, 90)}`, refusal]))(
    '%s',
    (_title, refusal) => {
      const failure = failureFromStatus({
        url,
        status: refusal.status,
        headers: refusal.headers ?? {},
        bodyText: bodyOf(refusal),
      })
      expect(failure.causeClass).toBe(refusal.cause)
      expect(failure.overflow).toEqual(refusal.overflow)
      expect(failure.retryAfterSeconds).toBe(refusal.retryAfterSeconds)
    },
  )

  test('names host, status and what the engine said, so that a log line needs no second look (N4.13)', () => {
    const failure = failureFromStatus({
      url,
      status: 500,
      headers: {},
      bodyText: '{"error":"CUDA error: out of memory"}',
    })
    expect(failure.message).toBe('gpu-box:8080 failed (500). It says: CUDA error: out of memory')
    expect(failure).toMatchObject({ url, status: 500, excerpt: '{"error":"CUDA error: out of memory"}' })
  })

  test('an HTML page is named by its title, not shown', () => {
    const failure = failureFromStatus({
      url,
      status: 502,
      headers: {},
      bodyText: '<html><head><title>502 Bad Gateway</title></head>…',
    })
    expect(failure.engineMessage).toBe('an HTML page titled "502 Bad Gateway"')
  })

  test('what may be logged hides the request, what goes back to the client does not', () => {
    const prompt = 'the secret recipe of my grandmother'
    const failure = failureFromStatus({
      url,
      status: 400,
      headers: {},
      bodyText: JSON.stringify({ error: { message: `cannot parse: ${prompt}` } }),
      requestText: JSON.stringify({ messages: [{ role: 'user', content: prompt }] }),
    })
    expect(failure.message).not.toContain('secret recipe')
    expect(failure.excerpt).not.toContain('secret recipe')
    expect(failure.engineMessage).toContain(prompt)
  })

  test('every status and every body makes a failure of a known class', () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 999 }), fc.oneof(fc.string(), fc.json()), (status, bodyText) => {
        const failure = failureFromStatus({ url, status, headers: {}, bodyText })
        expect(failureCauses).toContain(failure.causeClass)
        expect(failure.message).toContain('gpu-box:8080')
      }),
    )
  })
})

describe('an error of the connection', () => {
  const failureOf = (code: string, at: { url?: string; hasReplyBegun?: boolean } = {}): BackendFailure =>
    failureFromError(Object.assign(new Error('boom'), { code }), { url, hasReplyBegun: false, ...at })

  test.each([
    ['ECONNREFUSED', 'refused'],
    ['ENOTFOUND', 'unresolved'],
    ['EAI_AGAIN', 'unresolved'],
    ['UND_ERR_CONNECT_TIMEOUT', 'connect_timeout'],
    ['EHOSTUNREACH', 'connect_timeout'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
    ['ERR_SSL_TLSV1_ALERT_ACCESS_DENIED', 'tls'],
    ['UND_ERR_HEADERS_TIMEOUT', 'slow_first_byte'],
    ['UND_ERR_BODY_TIMEOUT', 'idle'],
    ['HPE_INVALID_CONSTANT', 'malformed'],
    ['ECONNRESET', 'died_before_reply'],
    ['UND_ERR_SOCKET', 'died_before_reply'],
    ['UND_ERR_DESTROYED', 'died_before_reply'],
    ['ESOMETHING', 'died_before_reply'],
  ])('%s means %s', (code, cause) => {
    expect(failureOf(code)).toMatchObject({ causeClass: cause, url, code })
  })

  test('a broken connection means something else once the reply has begun', () => {
    expect(failureOf('UND_ERR_SOCKET', { hasReplyBegun: true }).causeClass).toBe('died_mid_stream')
  })

  test('a refusal by another machine mentions that the engine may listen on loopback only (N4.5)', () => {
    expect(failureOf('ECONNREFUSED').message).toMatch(/127\.0\.0\.1 of its own machine.*--host 0\.0\.0\.0/)
    expect(failureOf('ECONNREFUSED', { url: 'http://127.0.0.1:8080' }).message).toBe(
      'Nothing listens on 127.0.0.1:8080: start the engine, or correct the port in its url.',
    )
  })

  test('a self-signed certificate comes with the two settings that accept it', () => {
    expect(failureOf('SELF_SIGNED_CERT_IN_CHAIN').message).toMatch(/tls\.ca.*tls\.insecure/)
  })

  test('a name with two addresses that both refuse counts as refused', () => {
    const inner = Object.assign(new Error('connect ECONNREFUSED ::1:8080'), { code: 'ECONNREFUSED' })
    const failure = failureFromError(new AggregateError([inner, inner]), { url, hasReplyBegun: false })
    expect(failure.causeClass).toBe('refused')
  })
})

function bodyOf({ json, text }: Refusal): string {
  return json === undefined ? (text ?? '') : JSON.stringify(json)
}
