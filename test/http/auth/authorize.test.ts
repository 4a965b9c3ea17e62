import { expect, test } from 'vitest'

import { globMatcher } from '../../../src/core/glob.ts'
import { type Principal, scopes } from '../../../src/core/principal.ts'
import { mayUseModel, requireModel, requireScope } from '../../../src/http/auth/authorize.ts'

const alice: Principal = { id: 'alice', scopes: new Set(['chat']), mayUseModel: globMatcher(['qwen*', 'auto']) }

test('a scope that is held is enough, and no scope includes another', () => {
  for (const held of scopes) {
    for (const asked of scopes) {
      const isAllowed = allows(() => requireScope({ id: 'x', scopes: new Set([held]) }, asked))
      expect(isAllowed, `${held} for ${asked}`).toBe(held === asked)
    }
  }
})

test('a missing scope is named, with what is held and how to make a key that has it', () => {
  expect(() => requireScope(alice, 'admin')).toThrow(
    /scope admin; "alice" has chat.*llmr keys create NAME --scope admin/,
  )
  expect(() => requireScope({ id: 'x', scopes: new Set() }, 'chat')).toThrow(/has none/)
})

test('a model outside the globs is refused with the parameter at fault', () => {
  expect(() => requireModel(alice, 'qwen3-coder')).not.toThrow()
  expect(catching(() => requireModel(alice, 'gpt-5'))).toMatchObject({
    code: 'model_not_allowed',
    status: 403,
    facts: { param: 'model', isRetryable: false },
  })
})

test('without globs every model may be used', () => {
  expect(mayUseModel({ id: 'x', scopes: new Set() }, 'anything')).toBe(true)
})

test('a name that is no name is not repeated whole', () => {
  const error = catching(() => requireModel(alice, 'x'.repeat(1_000_000)))
  expect(error).toMatchObject({ code: 'model_not_allowed' })
  expect((error as Error).message.length).toBeLessThan(400)
})

function allows(action: () => void): boolean {
  return catching(action) === undefined
}

function catching(action: () => void): unknown {
  try {
    action()
    return undefined
  } catch (error) {
    return error
  }
}
