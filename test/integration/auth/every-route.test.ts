import { hash } from 'node:crypto'

import { SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { scopes } from '../../../src/core/principal.ts'
import { routeFamilies } from '../../../src/http/routes.ts'
import type { Route } from '../../../src/http/routes/route.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

interface Door {
  readonly method: string
  readonly path: string
  readonly route: Route
}

/** Every way in there is, from the list that the gateway itself goes by; where a name follows, one that means nothing. */
const doors: readonly Door[] = routeFamilies.flatMap(({ paths, prefixes = [] }) => [
  ...paths.flatMap(([path, methods]) => doorsOf(path, methods)),
  ...prefixes.flatMap(({ prefix, methods }) =>
    ['GET', 'POST', 'DELETE'].flatMap((method) => {
      const route = methods('nothing', method)[method]
      return route === undefined ? [] : doorsOf(`${prefix}nothing`, { [method]: route })
    }),
  ),
])

function doorsOf(path: string, methods: Readonly<Record<string, Route>>): Door[] {
  return Object.entries(methods).map(([method, route]) => ({ method, path, route }))
}

const jwtSecret = 'a secret of more than 32 characters, shared'

const key = (name: string, facts: string) => `{ name: ${name}, sha256: ${hash('sha256', `key-of-${name}`)}, ${facts} }`
const lasting = [...scopes.map((scope) => key(scope, `scopes: [${scope}]`)), key('old', 'expires: 2020-01-01')]
const yaml = (keys: readonly string[]) =>
  `auth: { keys: [${keys.join(', ')}], jwt: { secret: "${jwtSecret}", scopes: [chat] } }`

let gateway: TestGateway

beforeAll(async () => {
  gateway = await startTestGateway(yaml([...lasting, key('revoked', `scopes: [${scopes.join(', ')}]`)]))
  // Known to have been right once: what is remembered of it must go with it.
  expect((await ask({ method: 'GET', path: '/v1/models' }, bearer('key-of-revoked'))).status).toBe(200)
  await gateway.reconfigure(yaml(lasting))
})

afterAll(() => gateway.close())

const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` })

/** Status and headers; what follows may have no end. */
async function ask({ method, path }: Pick<Door, 'method' | 'path'>, headers: Record<string, string>) {
  const reply = await fetch(gateway.url + path, { method, headers, redirect: 'manual' })
  const { status } = reply
  const allow = reply.headers.get('access-control-allow-origin')
  await reply.body?.cancel()
  return { status, allow }
}

function token(parts: { secret?: string; endsInS?: number }): Promise<string> {
  const { secret = jwtSecret, endsInS = 600 } = parts
  return new SignJWT({ sub: 'bob', scope: scopes.join(' ') })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(Math.floor(Date.now() / 1000) + endsInS)
    .sign(new TextEncoder().encode(secret))
}

async function refusedCredentials(): Promise<readonly (readonly [string, Record<string, string>])[]> {
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  const claims = Buffer.from(JSON.stringify({ sub: 'bob', exp: 4e9, scope: 'admin chat' })).toString('base64url')
  return [
    ['none', {}],
    ['one that nobody made', bearer('key-of-nobody')],
    ['an empty one', { authorization: 'Bearer ' }],
    ['the name of a key', bearer('admin')],
    ['the digest of a key', bearer(hash('sha256', 'key-of-admin'))],
    ['an expired key', bearer('key-of-old')],
    ['a revoked key', bearer('key-of-revoked')],
    ['an expired token', bearer(await token({ endsInS: -3600 }))],
    ['a token of another secret', bearer(await token({ secret: `another ${jwtSecret}` }))],
    ['an unsigned token', bearer(`${none}.${claims}.`)],
    ['a key in the address of the page', { referer: 'http://x/?key=key-of-admin' }],
    ['the word of another gateway', { 'x-llmr-hop': 'somewhere', 'x-llmr-principal': 'admin' }],
    ['the word of a proxy', { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-user': 'admin' }],
  ]
}

test('what needs a scope is open to nobody without a good credential, whatever stands in its place', async () => {
  const credentials = await refusedCredentials()
  const letIn: string[] = []
  for (const door of doors) {
    const replies = await Promise.all(credentials.map(([, headers]) => ask(door, headers)))
    for (const [index, { status }] of replies.entries()) {
      const isShut = status === 401
      const shouldBeShut = door.route.scope !== undefined
      if (isShut !== shouldBeShut) letIn.push(`${door.method} ${door.path}: ${credentials[index]?.[0]} got ${status}`)
    }
  }
  expect(letIn).toEqual([])
  expect(doors.length).toBeGreaterThan(90)
})

test('a key opens what its scope is for, and nothing else', async () => {
  const wrong: string[] = []
  for (const door of doors) {
    const { scope: needed, alsoScope, name } = door.route
    for (const scope of scopes) {
      // Whoever is on this machine may read its figures with any key.
      const mayEnter = needed === undefined || needed === scope || alsoScope === scope || name === 'metrics'
      const { status } = await ask(door, bearer(`key-of-${scope}`))
      if (mayEnter === (status === 401 || status === 403)) wrong.push(`${door.method} ${door.path}: ${scope} ${status}`)
    }
  }
  expect(wrong).toEqual([])
})

test('no route is opened to pages of other origins', async () => {
  for (const door of doors) {
    const { allow } = await ask(door, { ...bearer('key-of-chat'), origin: 'https://evil.example' })
    expect([door.path, allow]).toEqual([door.path, null])
  }
})
