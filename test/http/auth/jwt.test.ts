import { createSecretKey, generateKeyPairSync } from 'node:crypto'

import * as fc from 'fast-check'
import { type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, test } from 'vitest'

import { silentLogger } from '../../../src/core/logger.ts'
import { createAuthenticator } from '../../../src/http/auth/authenticator.ts'
import { createJwtVerifier, type JwtSettings } from '../../../src/http/auth/jwt.ts'
import { apiKey } from './api-key.ts'
import { ManualClock } from './manual-clock.ts'

const secret = 'a shared secret of more than 32 characters'

function verifier(clock: ManualClock, settings: Partial<JwtSettings> = {}) {
  const defaults: JwtSettings = { secret, clock_skew: 30_000, scopes: ['chat'] }
  return createJwtVerifier({ settings: { ...defaults, ...settings }, clock, logger: silentLogger })
}

/** A token for `claims` that is good for one hour of the clock unless `claims` says otherwise. */
function sign(clock: ManualClock, claims: JWTPayload, key: string = secret): Promise<string> {
  const seconds = Math.floor(clock.now() / 1000)
  return new SignJWT({ sub: 'bob', exp: seconds + 3600, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(createSecretKey(Buffer.from(key)))
}

describe('a token (N5.1)', () => {
  test('says who asks and what they may do', async () => {
    const clock = new ManualClock()
    const token = await sign(clock, { scope: 'openid chat metrics', models: ['qwen*'] })
    const principal = await verifier(clock).verify(token)
    expect(principal).toMatchObject({ id: 'jwt:bob', scopes: new Set(['chat', 'metrics']) })
    expect(principal.mayUseModel?.('qwen3')).toBe(true)
    expect(principal.mayUseModel?.('llama')).toBe(false)
  })

  test.each([
    ['signed with another secret', {}, 'another secret of more than 32 characters', /signature/],
    ['without a subject', { sub: undefined }, secret, /"sub" of the token is missing/],
    ['without an end', { exp: undefined }, secret, /"exp" of the token is missing/],
    ['of another issuer', { iss: 'https://evil.example' }, secret, /"iss" of the token is not what/],
    ['for another audience', { aud: 'other', iss: 'https://id.example' }, secret, /"aud" of the token is not what/],
    ['that names no issuer', { iss: undefined }, secret, /"iss" of the token is missing/],
  ])('%s is refused', async (_, claims, key, message) => {
    const clock = new ManualClock()
    const subject = verifier(clock, { issuer: 'https://id.example', audience: 'llmr' })
    const token = await sign(clock, { iss: 'https://id.example', aud: 'llmr', ...claims }, key)
    await expect(subject.verify(token)).rejects.toMatchObject({
      code: 'unauthenticated',
      status: 401,
      message: expect.stringMatching(message),
    })
  })

  test('for several audiences is accepted when llmr is one of them', async () => {
    const clock = new ManualClock()
    const token = await sign(clock, { aud: ['other', 'llmr'] })
    await expect(verifier(clock, { audience: 'llmr' }).verify(token)).resolves.toMatchObject({ id: 'jwt:bob' })
  })

  test.each([
    ['as long as the skew allows, the first time', 0],
    ['as long as the skew allows, from memory', 1],
  ])('is good %s, and not a second longer', async (_, uses) => {
    const clock = new ManualClock()
    const subject = verifier(clock, { clock_skew: 30_000 })
    const token = await sign(clock, { exp: Math.floor(clock.now() / 1000) + 60 })
    for (let use = 0; use < uses; use++) await subject.verify(token)

    clock.advance(89_999)
    await expect(Promise.resolve(subject.verify(token))).resolves.toMatchObject({ id: 'jwt:bob' })
    clock.advance(1)
    await expect(subject.verify(token)).rejects.toMatchObject({ message: expect.stringContaining('expired') })
  })

  test.each([
    [30, true],
    [31, false],
  ])('that begins in %d s is good with a skew of 30 s: %s', async (aheadSeconds, isGood) => {
    const clock = new ManualClock()
    const token = await sign(clock, { nbf: Math.floor(clock.now() / 1000) + aheadSeconds })
    const outcome = await Promise.resolve(verifier(clock).verify(token)).then(
      () => true,
      () => false,
    )
    expect(outcome).toBe(isGood)
  })

  test('that was verified before is known at once, without waiting', async () => {
    const clock = new ManualClock()
    const subject = verifier(clock)
    const token = await sign(clock, {})
    const first = await subject.verify(token)
    expect(subject.verify(token)).toBe(first)
  })

  test('is never repeated in a refusal', async () => {
    const clock = new ManualClock()
    const subject = verifier(clock, { audience: 'llmr' })
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[a-z]{20}$/), async (mark) => {
        const token = await sign(clock, { sub: mark, aud: mark })
        const error: Error = await Promise.resolve(subject.verify(token)).then(
          () => new Error('accepted'),
          (refusal: Error) => refusal,
        )
        const told = JSON.stringify([error.message, error.cause, error])
        expect(error.message).toContain('"aud"')
        for (const part of [mark, ...token.split('.')]) expect(told).not.toContain(part)
      }),
      { numRuns: 20 },
    )
  })
})

describe('an algorithm that was not configured is refused:', () => {
  test('none', async () => {
    const clock = new ManualClock()
    const token = new UnsecuredJWT({ sub: 'bob' }).setExpirationTime(new Date(clock.now() + 60_000)).encode()
    await expect(verifier(clock).verify(token)).rejects.toMatchObject({ code: 'unauthenticated', status: 401 })
  })

  test('an asymmetric one where a secret is shared', async () => {
    const clock = new ManualClock()
    const { privateKey } = generateKeyPairSync('ed25519')
    const token = await new SignJWT({ sub: 'bob' })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setExpirationTime(new Date(clock.now() + 60_000))
      .sign(privateKey)
    await expect(verifier(clock).verify(token)).rejects.toMatchObject({ message: expect.stringMatching(/algorithm/) })
  })

  test('a longer HMAC of the same secret', async () => {
    const clock = new ManualClock()
    const token = await new SignJWT({ sub: 'bob' })
      .setProtectedHeader({ alg: 'HS512' })
      .setExpirationTime(new Date(clock.now() + 60_000))
      .sign(createSecretKey(Buffer.from(secret.repeat(2))))
    await expect(verifier(clock).verify(token)).rejects.toMatchObject({ message: expect.stringMatching(/algorithm/) })
  })
})

describe('beside API keys', () => {
  const clock = new ManualClock()
  const authenticator = (required: boolean) =>
    createAuthenticator({ keys: [apiKey('a.key.with-dots')], jwt: verifier(clock), required, clock })

  test('a token is read from every header that a key may be in', async () => {
    const token = await sign(clock, {})
    for (const headers of [{ authorization: `Bearer ${token}` }, { 'x-api-key': token }, { 'api-key': token }]) {
      await expect(Promise.resolve(authenticator(true).authenticate(headers))).resolves.toMatchObject({ id: 'jwt:bob' })
    }
  })

  test('a key with two dots is still a key', () => {
    expect(authenticator(true).authenticate({ 'x-api-key': 'a.key.with-dots' })).toMatchObject({ id: 'alice' })
  })

  test('a bad token is refused even where auth is off: it claims to be somebody', async () => {
    const token = await sign(clock, {}, 'another secret of more than 32 characters')
    await expect(authenticator(false).authenticate({ 'x-api-key': token })).rejects.toMatchObject({ status: 401 })
  })

  test('a token is an unknown key where tokens are not accepted', async () => {
    const token = await sign(clock, {})
    const subject = createAuthenticator({ keys: [], required: true, clock })
    expect(() => subject.authenticate({ 'x-api-key': token })).toThrow(/not known/)
  })
})

test.each([[{}], [{ secret, jwks_url: 'https://id.example/jwks' }]])(
  'settings with no key or with two are refused: %o',
  (keys) => {
    const settings: JwtSettings = { clock_skew: 0, scopes: ['chat'], ...keys }
    expect(() => createJwtVerifier({ settings, clock: new ManualClock(), logger: silentLogger })).toThrow(
      /exactly one of secret and jwks_url/,
    )
  },
)
