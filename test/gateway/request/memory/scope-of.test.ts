import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Principal } from '../../../../src/core/principal.ts'
import { scopeOf } from '../../../../src/gateway/request/memory/scope-of.ts'
import { memoryExchange } from '../../../support/memory-exchange.ts'

const key = { id: 'webui', tenant: 'acme', scopes: new Set(['chat'] as const), trustsUserHeaders: true }

function scopeFor(user: string | undefined, principal: Principal | undefined = key) {
  return scopeOf(memoryExchange({ principal, headers: user === undefined ? {} : { 'x-llmr-user': user } }).exchange)
}

/** Header values as Node hands them over. */
const headerValues = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) })

test('users of a trusted key are told apart below it, whatever they are called', () => {
  expect(scopeFor('ada')).toEqual({ tenant: 'acme', principal: 'webui/ada' })
  fc.assert(
    fc.property(headerValues, headerValues, (one, other) => {
      expect(scopeFor(one).principal === scopeFor(other).principal).toBe(one === other)
    }),
  )
})

test('what a user is called only ever narrows the scope of the key: it stays below it, and is a name for tables and logs', () => {
  fc.assert(
    fc.property(
      headerValues.filter((user) => user !== ''),
      (user) => {
        expect(scopeFor(user).tenant).toBe('acme')
        expect(scopeFor(user).principal).toMatch(/^webui\/[\x21-\x2e\x30-\x7e]{1,128}$/)
      },
    ),
  )
  const long = scopeFor('x'.repeat(5_000))
  expect(long.principal).toMatch(/^webui\/~[0-9a-f]{40,64}$/)
  expect(long).not.toEqual(scopeFor('x'.repeat(5_001)))
})

test('without a name, or with an empty one, a request is the own of its key', () => {
  for (const user of [undefined, '']) expect(scopeFor(user)).toEqual({ tenant: 'acme', principal: 'webui' })
})

test('a header of a key that is not trusted, of a token and of the anonymous changes nothing', () => {
  const untrusted: Principal = { ...key, trustsUserHeaders: false }
  const token: Principal = { id: 'jwt:ada', scopes: new Set(['chat']) }
  expect(scopeFor('bob', untrusted)).toEqual(scopeFor(undefined, untrusted))
  expect(scopeFor('bob', token)).toEqual(scopeFor(undefined, token))
  const anonymous = memoryExchange({ headers: { 'x-llmr-user': 'bob' } }).exchange
  expect(scopeOf(anonymous).principal).toBe('anonymous')
})
