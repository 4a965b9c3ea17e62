import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { LlmrError } from '../../../src/core/error.ts'
import { principalOfClaims, type TokenClaims } from '../../../src/http/auth/token-claims.ts'

const scopesOf = (claims: TokenClaims): readonly string[] => [
  ...principalOfClaims({ sub: 'bob', ...claims }, { defaultScopes: ['chat'] }).scopes,
]

describe('scopes', () => {
  test.each<[string, TokenClaims, readonly string[]]>([
    ['words with spaces between them', { scope: 'admin chat' }, ['chat', 'admin']],
    ['a list', { scopes: ['metrics'] }, ['metrics']],
    ['both', { scope: 'chat', scopes: ['gateway'] }, ['chat', 'gateway']],
    ['no claim: the configured ones', {}, ['chat']],
    ['words of others: none', { scope: 'openid profile administrator' }, []],
    ['an empty claim: none', { scope: '' }, []],
    ['an empty list: none', { scopes: [] }, []],
  ])('from %s', (_, claims, expected) => {
    expect(scopesOf(claims)).toEqual(expected)
  })

  test.each<[string, TokenClaims]>([
    ['scope', { scope: ['chat'] }],
    ['scope', { scope: null }],
    ['scopes', { scopes: 'admin' }],
    ['scopes', { scopes: [1] }],
    ['models', { models: 'qwen*' }],
    ['models', { models: null }],
    ['models', { models: [['qwen*']] }],
    ['models', { models: Array.from({ length: 101 }, () => 'm') }],
    ['models', { models: ['*'.repeat(257)] }],
  ])('a %s claim of the wrong shape refuses the token and names the claim: %o', (claim, claims) => {
    expect(() => scopesOf(claims)).toThrow(new RegExp(`"${claim}"`))
  })
})

test('an empty list of models allows none', () => {
  expect(principalOfClaims({ sub: 'bob', models: [] }, { defaultScopes: [] }).mayUseModel?.('qwen3')).toBe(false)
})

describe('a subject', () => {
  test('reads as it is where it can', () => {
    expect(principalOfClaims({ sub: 'auth0|bob@example.org' }, { defaultScopes: [] }).id).toBe(
      'jwt:auth0|bob@example.org',
    )
  })

  test('becomes an id that fits a header, a log and a table, and no two become one', () => {
    const unit = fc.oneof(fc.nat(0x7f), fc.nat(0xffff)).map((code) => String.fromCharCode(code))
    const subject = fc.array(unit, { maxLength: 12 }).map((units) => units.join(''))
    const lookalikes = subject.map((text) => [text, encodeURIComponent(text.toWellFormed())] as const)
    const idOf = (sub: string): string | undefined => {
      try {
        return principalOfClaims({ sub }, { defaultScopes: [] }).id
      } catch (error) {
        if (error instanceof LlmrError) return undefined
        throw error
      }
    }
    fc.assert(
      fc.property(fc.oneof(lookalikes, fc.tuple(subject, subject)), ([one, other]) => {
        const id = idOf(one)
        expect(id ?? 'jwt:refused').toMatch(/^jwt:[\x21-\x7e]{1,200}$/)
        expect(one === other || id === undefined || idOf(other) !== id).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  test.each([[undefined], [''], [7], [{}], ['a'.repeat(201)], ['\ud800']])('of %j is refused', (sub) => {
    expect(() => principalOfClaims({ sub }, { defaultScopes: [] })).toThrow(/"sub"/)
  })
})

describe('the tenant of a token', () => {
  test('is what the configured claim says', () => {
    const claims = { sub: 'bob', org: 'acme' }
    expect(principalOfClaims(claims, { defaultScopes: [], tenantClaim: 'org' }).tenant).toBe('acme')
    expect(principalOfClaims(claims, { defaultScopes: [] }).tenant).toBeUndefined()
  })

  test.each([undefined, '', '*', 'two words', 7, 'a'.repeat(65)])('is never guessed: %j is refused', (org) => {
    expect(() => principalOfClaims({ sub: 'bob', org }, { defaultScopes: [], tenantClaim: 'org' })).toThrow(/"org"/)
  })
})
