import { createPublicKey, createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto'

import { SignJWT } from 'jose'
import { describe, expect, onTestFinished, test } from 'vitest'

import { silentLogger } from '../../../src/core/logger.ts'
import type { Principal } from '../../../src/core/principal.ts'
import { createJwtVerifier, type JwtVerifier } from '../../../src/http/auth/jwt.ts'
import { ManualClock } from '../../http/auth/manual-clock.ts'
import { type KeyServer, startKeyServer, withKeys } from './key-server.ts'

interface Signer {
  readonly algorithm: string
  readonly keyId: string
  readonly privateKey: KeyObject
  readonly published: object
}

function signer(keyId: string, algorithm: string, keys: { publicKey: KeyObject; privateKey: KeyObject }): Signer {
  return {
    algorithm,
    keyId,
    privateKey: keys.privateKey,
    published: { ...keys.publicKey.export({ format: 'jwk' }), kid: keyId, use: 'sig' },
  }
}

const rsa = signer('rsa', 'RS256', generateKeyPairSync('rsa', { modulusLength: 2048 }))
const pss = { ...rsa, algorithm: 'PS256' }
const elliptic = signer('elliptic', 'ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }))
const edwards = signer('edwards', 'EdDSA', generateKeyPairSync('ed25519'))
const newer = signer('newer', 'EdDSA', generateKeyPairSync('ed25519'))
const allKeys = [rsa.published, elliptic.published, edwards.published]

const minuteMs = 60_000

function verifierOf(keyServer: KeyServer, clock: ManualClock, keysTimeoutMs?: number): JwtVerifier {
  const verifier = createJwtVerifier({
    settings: { jwks_url: keyServer.url, clock_skew: 0, scopes: ['chat'] },
    clock,
    logger: silentLogger,
    keysTimeoutMs,
  })
  onTestFinished(() => verifier.close())
  return verifier
}

/** Every call makes another token, which the memory of verified ones does not know. */
let serial = 0
function sign(by: Signer, clock: ManualClock): Promise<string> {
  serial += 1
  return new SignJWT({ sub: 'bob', jti: String(serial) })
    .setProtectedHeader({ alg: by.algorithm, kid: by.keyId })
    .setExpirationTime(new Date(clock.now() + 100 * 24 * 60 * minuteMs))
    .sign(by.privateKey)
}

/** Who it is, or the refusal. */
async function ask(verifier: JwtVerifier, token: string): Promise<Principal | Error> {
  try {
    return await verifier.verify(token)
  } catch (error) {
    return error as Error
  }
}

describe('a token signed by a published key', () => {
  test.each([
    ['RS256', rsa],
    ['PS256', pss],
    ['ES256', elliptic],
    ['EdDSA', edwards],
  ])('is accepted with %s', async (_, by) => {
    const clock = new ManualClock()
    const verifier = verifierOf(await startKeyServer(withKeys(...allKeys)), clock)
    expect(await ask(verifier, await sign(by, clock))).toMatchObject({ id: 'jwt:bob' })
  })

  test('makes llmr ask for the keys once, however many come at the same time', async () => {
    const clock = new ManualClock()
    const keyServer = await startKeyServer(withKeys(...allKeys))
    const verifier = verifierOf(keyServer, clock)
    const tokens = await Promise.all(Array.from({ length: 20 }, () => sign(rsa, clock)))
    const principals = await Promise.all(tokens.map((token) => ask(verifier, token)))
    expect(principals).toHaveLength(20)
    expect(principals).not.toContainEqual(expect.any(Error))
    expect(keyServer.requests).toBe(1)
  })
})

describe('a token is refused', () => {
  test('when the public key was used as an HMAC secret (algorithm confusion)', async () => {
    const clock = new ManualClock()
    const verifier = verifierOf(await startKeyServer(withKeys(...allKeys)), clock)
    const pem = createPublicKey({ key: rsa.published as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
    const forged = await sign({ ...rsa, algorithm: 'HS256', privateKey: createSecretKey(Buffer.from(pem)) }, clock)
    expect(await ask(verifier, forged)).toMatchObject({ status: 401, message: expect.stringMatching(/algorithm/) })
  })

  test('when the key server publishes a symmetric key', async () => {
    const clock = new ManualClock()
    const shared = Buffer.alloc(32, 7)
    const published = { kty: 'oct', k: shared.toString('base64url'), kid: 'shared', alg: 'HS256' }
    const verifier = verifierOf(await startKeyServer(withKeys(published, rsa.published)), clock)
    const by = { algorithm: 'HS256', keyId: 'shared', privateKey: createSecretKey(shared), published }
    expect(await ask(verifier, await sign(by, clock))).toMatchObject({ status: 401 })
  })

  test('when another key signed it than the one it names', async () => {
    const clock = new ManualClock()
    const verifier = verifierOf(await startKeyServer(withKeys(...allKeys)), clock)
    const token = await sign({ ...newer, keyId: edwards.keyId }, clock)
    expect(await ask(verifier, token)).toMatchObject({ status: 401, message: expect.stringMatching(/signature/) })
  })

  test('when the key it names is too weak to be used', async () => {
    const clock = new ManualClock()
    const weak = signer('weak', 'RS256', generateKeyPairSync('rsa', { modulusLength: 1024 }))
    const verifier = verifierOf(await startKeyServer(withKeys(weak.published)), clock)
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    expect(await ask(verifier, await sign({ ...weak, privateKey }, clock))).toMatchObject({ status: 401 })
  })
})

describe('keys that change', () => {
  test('a key published meanwhile is found by the first token that names it', async () => {
    const clock = new ManualClock()
    const keyServer = await startKeyServer(withKeys(rsa.published))
    const verifier = verifierOf(keyServer, clock)
    await ask(verifier, await sign(rsa, clock))
    keyServer.answer = withKeys(rsa.published, newer.published)
    clock.advance(30_000)
    expect(await ask(verifier, await sign(newer, clock))).toMatchObject({ id: 'jwt:bob' })
  })

  test('tokens that name made-up keys make llmr ask once in 30 seconds at most', async () => {
    const clock = new ManualClock()
    const keyServer = await startKeyServer(withKeys(rsa.published))
    const verifier = verifierOf(keyServer, clock)
    await ask(verifier, await sign(rsa, clock))
    for (let second = 0; second < 60; second++) {
      const token = await sign({ ...newer, keyId: `made up ${second}` }, clock)
      expect(await ask(verifier, token)).toMatchObject({ status: 401 })
      clock.advance(1_000)
    }
    expect(keyServer.requests).toBe(2)
  })

  test('a key that is withdrawn stops counting with the first fetch after ten minutes', async () => {
    const clock = new ManualClock()
    const keyServer = await startKeyServer(withKeys(rsa.published, edwards.published))
    const verifier = verifierOf(keyServer, clock)
    const token = await sign(edwards, clock)
    expect(await ask(verifier, token)).toMatchObject({ id: 'jwt:bob' })

    keyServer.answer = withKeys(rsa.published)
    clock.advance(10 * minuteMs)
    // The old keys serve while the new ones are on their way.
    expect(await ask(verifier, await sign(edwards, clock))).toMatchObject({ id: 'jwt:bob' })
    await expect.poll(async () => ask(verifier, await sign(edwards, clock))).toMatchObject({ status: 401 })
    expect(await ask(verifier, token)).toMatchObject({ status: 401 })
  })
})

describe('a key server that is down', () => {
  test('does not matter once it has answered', async () => {
    const clock = new ManualClock()
    const keyServer = await startKeyServer(withKeys(...allKeys))
    const verifier = verifierOf(keyServer, clock)
    await ask(verifier, await sign(rsa, clock))
    await keyServer.stop()
    for (let hour = 0; hour < 23; hour++) {
      clock.advance(60 * minuteMs)
      expect(await ask(verifier, await sign(rsa, clock))).toMatchObject({ id: 'jwt:bob' })
    }
  })

  test('makes tokens undecidable after a day: its keys may have been withdrawn', async () => {
    const clock = new ManualClock()
    const keyServer = await startKeyServer(withKeys(...allKeys))
    const verifier = verifierOf(keyServer, clock)
    await ask(verifier, await sign(rsa, clock))
    await keyServer.stop()
    clock.advance(24 * 60 * minuteMs)
    expect(await ask(verifier, await sign(rsa, clock))).toMatchObject({ code: 'unauthenticated', status: 503 })
  })

  test('makes a token that names an unknown key undecidable, not wrong', async () => {
    const clock = new ManualClock()
    const keyServer = await startKeyServer(withKeys(rsa.published))
    const verifier = verifierOf(keyServer, clock)
    await ask(verifier, await sign(rsa, clock))
    await keyServer.stop()
    clock.advance(30_000)
    expect(await ask(verifier, await sign(newer, clock))).toMatchObject({ code: 'unauthenticated', status: 503 })
  })

  test('is asked again five seconds after a failure, and the client is told so', async () => {
    const clock = new ManualClock()
    const keyServer = await startKeyServer((response) => response.writeHead(500).end())
    const verifier = verifierOf(keyServer, clock)
    const token = await sign(rsa, clock)
    expect(await ask(verifier, token)).toMatchObject({ status: 503, facts: { retryAfterSeconds: 5 } })

    keyServer.answer = withKeys(...allKeys)
    clock.advance(4_999)
    expect(await ask(verifier, token)).toMatchObject({ status: 503, facts: { retryAfterSeconds: 1 } })
    expect(keyServer.requests).toBe(1)
    clock.advance(1)
    expect(await ask(verifier, token)).toMatchObject({ id: 'jwt:bob' })
  })
})

describe('a key server that misbehaves is as good as down:', () => {
  test.each<[string, KeyServer['answer']]>([
    ['it never answers', () => undefined],
    ['it begins to answer and stops', (response) => response.write('{"keys":[')],
    ['it cuts the connection', (response) => response.destroy()],
    ['it sends no key set', (response) => response.end('{"keys":7}')],
    ['it sends no JSON', (response) => response.end('<html>')],
    ['it sends more than a key set can be', (response) => response.end(`{"keys":[],"x":"${'x'.repeat(600_000)}"}`)],
  ])('%s', async (_, answer) => {
    const clock = new ManualClock()
    const verifier = verifierOf(await startKeyServer(answer), clock, 100)
    expect(await ask(verifier, await sign(rsa, clock))).toMatchObject({
      code: 'unauthenticated',
      status: 503,
      facts: { isRetryable: true },
    })
  })
})

test('a key server that sends elsewhere is not followed: it must vouch for its keys itself', async () => {
  const clock = new ManualClock()
  const elsewhere = await startKeyServer(withKeys(...allKeys))
  const keyServer = await startKeyServer((response) => response.writeHead(302, { location: elsewhere.url }).end())
  expect(await ask(verifierOf(keyServer, clock), await sign(rsa, clock))).toMatchObject({ status: 503 })
  expect(elsewhere.requests).toBe(0)
})

test('closing ends a fetch in flight, may be done twice, and leaves known keys usable', async () => {
  const clock = new ManualClock()
  const keyServer = await startKeyServer(() => undefined)
  const verifier = verifierOf(keyServer, clock)
  const arrived = keyServer.nextRequest()
  const outcome = ask(verifier, await sign(rsa, clock))
  await arrived
  await Promise.all([verifier.close(), verifier.close()])
  expect(await outcome).toMatchObject({ status: 503 })

  const other = verifierOf(await startKeyServer(withKeys(...allKeys)), clock)
  await ask(other, await sign(rsa, clock))
  await other.close()
  clock.advance(20 * minuteMs)
  expect(await ask(other, await sign(rsa, clock))).toMatchObject({ id: 'jwt:bob' })
})
