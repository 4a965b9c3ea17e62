import type { IncomingHttpHeaders } from 'node:http'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { LlmrError } from '../../../src/core/error.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import type { Principal } from '../../../src/core/principal.ts'
import { createAuthenticator, type AuthenticatorOptions } from '../../../src/http/auth/authenticator.ts'
import { createJwtVerifier } from '../../../src/http/auth/jwt.ts'
import { apiKey } from './api-key.ts'
import { ManualClock } from './manual-clock.ts'

const secret = 'llmr_the-key-of-alice'

function authenticator(options: Partial<AuthenticatorOptions> = {}) {
  return createAuthenticator({ keys: [apiKey(secret)], required: true, clock: new ManualClock(), ...options })
}

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`

describe('a key', () => {
  test.each<[string, IncomingHttpHeaders]>([
    ['Bearer', { authorization: `Bearer ${secret}` }],
    ['bearer in any case, with several spaces', { authorization: `bEARER   ${secret}` }],
    ['x-api-key', { 'x-api-key': secret }],
    ['api-key', { 'api-key': secret }],
    ['the password of Basic', { authorization: basic(`anybody:${secret}`) }],
    ['the user of Basic without a password', { authorization: basic(`${secret}:`) }],
    ['Basic without a colon', { authorization: basic(secret) }],
  ])('is read from %s', (_, headers) => {
    expect(authenticator().authenticate(headers)).toMatchObject({ id: 'alice' })
  })

  test('is found beside the placeholder that the tool sends in another header', () => {
    const headers = { authorization: 'Bearer ollama', 'x-api-key': secret }
    expect(authenticator().authenticate(headers)).toMatchObject({ id: 'alice' })
  })

  test('that is not ASCII is known by the digest of its bytes, as sha256sum gives it', () => {
    const keys = [apiKey('schlüssel')]
    const onTheWire = Buffer.from('schlüssel').toString('latin1')
    expect(authenticator({ keys }).authenticate({ 'x-api-key': onTheWire })).toMatchObject({ id: 'alice' })
  })

  test('carries what the operator allowed it', () => {
    const keys = [
      apiKey(secret, {
        scopes: ['chat', 'metrics'],
        models: ['qwen*'],
        may_leave: 'lan',
        trust_user_headers: true,
        max_concurrent: 2,
        requests_per_minute: 30,
      }),
    ]
    const principal = authenticate(keys)
    expect(principal).toMatchObject({
      scopes: new Set(['chat', 'metrics']),
      mayLeave: 'lan',
      trustsUserHeaders: true,
      maxConcurrent: 2,
      requestsPerMinute: 30,
    })
    expect(principal.mayUseModel?.('qwen3')).toBe(true)
    expect(principal.mayUseModel?.('llama')).toBe(false)
  })

  test('without a list of models may use every one', () => {
    expect(authenticate([apiKey(secret)]).mayUseModel).toBeUndefined()
  })

  test('works to the last millisecond of its last day (UTC) and not a millisecond longer', () => {
    const clock = new ManualClock(Date.UTC(2027, 0, 31, 23, 59, 59, 999))
    const subject = authenticator({ keys: [apiKey(secret, { expires: '2027-01-31' })], clock })
    expect(subject.authenticate({ 'x-api-key': secret })).toMatchObject({ id: 'alice' })
    clock.advance(1)
    expect(refusalOf(() => subject.authenticate({ 'x-api-key': secret })).message).toMatch(
      /"alice" expired.*2027-01-31/,
    )
  })

  test('that has expired does not become anonymous where auth is off', () => {
    const subject = authenticator({ keys: [apiKey(secret, { expires: '2020-01-01' })], required: false })
    expect(refusalOf(() => subject.authenticate({ 'x-api-key': secret })).code).toBe('unauthenticated')
  })

  test('is not known by its digest', () => {
    const { sha256 } = apiKey(secret)
    expect(refusalOf(() => authenticator().authenticate({ 'x-api-key': sha256 })).code).toBe('unauthenticated')
  })

  function authenticate(keys: AuthenticatorOptions['keys']): Principal {
    return authenticator({ keys }).authenticate({ 'x-api-key': secret }) as Principal
  }
})

describe('where auth is required', () => {
  test('a request without a credential is told how to send one and how a key is made', () => {
    const refusal = refusalOf(() => authenticator().authenticate({}))
    expect(refusal.status).toBe(401)
    for (const hint of ['Authorization: Bearer', 'x-api-key', 'api-key', 'Authorization: Basic', 'llmr keys create']) {
      expect(refusal.message).toContain(hint)
    }
    expect(refusal.facts.headers).toEqual({ 'www-authenticate': 'Bearer realm="llmr"' })
  })

  test.each([
    ['an empty Bearer', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: 'Digest username="x"' }],
    ['empty headers', { authorization: '', 'x-api-key': '', 'api-key': '' }],
  ])('%s is no credential', (_, headers) => {
    expect(refusalOf(() => authenticator().authenticate(headers)).message).toContain('the request has none')
  })

  test('an unknown key is refused as an invalid token', () => {
    const refusal = refusalOf(() => authenticator().authenticate({ authorization: 'Bearer sk-wrong' }))
    expect(refusal.facts.headers?.['www-authenticate']).toContain('error="invalid_token"')
  })

  test('no refusal offers Basic, which browsers would attach for other sites', () => {
    fc.assert(
      fc.property(anyHeaders, (headers) => {
        const challenge = refusalOf(() => authenticator().authenticate(headers)).facts.headers?.['www-authenticate']
        expect(challenge).toMatch(/^Bearer ((?!Basic).)*$/)
      }),
    )
  })

  test('no refusal repeats the credential', () => {
    const credential = fc.string({ minLength: 12 }).filter((text) => text.trim() === text)
    fc.assert(
      fc.property(credential, fc.constantFrom('authorization', 'x-api-key', 'api-key'), (text, header) => {
        const value = header === 'authorization' ? `Bearer ${text}` : text
        const refusal = refusalOf(() => authenticator().authenticate({ [header]: value }))
        expect(JSON.stringify([refusal.message, refusal.facts])).not.toContain(JSON.stringify(text).slice(1, -1))
      }),
    )
  })
})

describe('where auth is off', () => {
  test.each([
    ['no credential', {}],
    ['sk-…', { authorization: 'Bearer sk-1234' }],
    ['undefined', { authorization: 'Bearer undefined' }],
    ['ollama', { 'x-api-key': 'ollama' }],
  ])('%s is anonymous, who may chat, see and administer, but not speak for others', (_, headers) => {
    const principal = authenticator({ required: false }).authenticate(headers)
    expect(principal).toMatchObject({ id: 'anonymous', scopes: new Set(['chat', 'admin', 'metrics']) })
  })

  test('a valid key still says who is asking', () => {
    const principal = authenticator({ required: false }).authenticate({ authorization: `Bearer ${secret}` })
    expect(principal).toMatchObject({ id: 'alice', scopes: new Set(['chat']) })
  })
})

test('whatever the headers are, the answer is a principal or a refusal with a code', async () => {
  const jwt = createJwtVerifier({
    settings: { secret: 'a secret of thirty-two characters', clock_skew: 0, scopes: ['chat'] },
    clock: new ManualClock(),
    logger: silentLogger,
  })
  const subjects = [true, false].map((required) => authenticator({ required, jwt }))
  await fc.assert(
    fc.asyncProperty(anyHeaders, fc.constantFrom(...subjects), async (headers, subject) => {
      const outcome = await attempt(() => subject.authenticate(headers))
      expect(outcome instanceof LlmrError ? outcome.code : outcome.id).toMatch(/^(unauthenticated|anonymous)$/)
    }),
    { numRuns: 200 },
  )
})

const headerText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string().map((text) => `Bearer ${text}`),
  fc.string().map((text) => `Basic ${text}`),
  fc.base64String().map((text) => `Basic ${text}`),
  fc.base64String().map((text) => `Bearer eyJ${text}.${text}.${text}`),
  fc.json().map((text) => `Bearer ${Buffer.from(`{"${text}`).toString('base64url')}.e30.`),
)

const anyHeaders: fc.Arbitrary<IncomingHttpHeaders> = fc.record(
  {
    authorization: headerText,
    'x-api-key': fc.oneof(headerText, fc.array(headerText)),
    'api-key': headerText,
  },
  { requiredKeys: [] },
)

function refusalOf(action: () => unknown): LlmrError {
  try {
    action()
  } catch (error) {
    if (error instanceof LlmrError) return error
    throw error
  }
  throw new Error('Expected a refusal.')
}

async function attempt(action: () => Principal | Promise<Principal>): Promise<Principal | LlmrError> {
  try {
    return await action()
  } catch (error) {
    if (error instanceof LlmrError) return error
    throw error
  }
}
