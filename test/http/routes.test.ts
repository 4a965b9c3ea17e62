import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { LlmrError } from '../../src/core/error.ts'
import { operations } from '../../src/core/operation.ts'
import { matchRoute, routeFamilies } from '../../src/http/routes.ts'

const operationPaths = {
  '/v1/chat/completions': 'chat',
  '/v1/completions': 'completion',
  '/v1/embeddings': 'embedding',
  '/v1/moderations': 'moderation',
  '/v1/rerank': 'rerank',
  '/v1/reranking': 'rerank',
  '/v1/audio/transcriptions': 'transcription',
  '/v1/audio/translations': 'translation',
  '/v1/audio/speech': 'speech',
  '/v1/images/generations': 'image-generation',
  '/v1/images/edits': 'image-edit',
  '/v1/images/variations': 'image-variation',
} as const

function failure(method: string, path: string): LlmrError {
  try {
    matchRoute(method, path)
  } catch (error) {
    if (error instanceof LlmrError) return error
    throw error
  }
  throw new Error(`${method} ${path} has a route`)
}

test('every operation has a path, with and without /v1, and needs the scope chat', () => {
  const elsewhere = ['native-completion', 'infill', 'fim']
  expect(new Set(Object.values(operationPaths))).toEqual(new Set(operations.filter((one) => !elsewhere.includes(one))))
  for (const [path, operation] of Object.entries(operationPaths)) {
    for (const spelling of [path, path.slice('/v1'.length), `${path}/`, `${path}///`]) {
      expect(matchRoute('POST', spelling)).toMatchObject({ purpose: 'operation', operation, scope: 'chat' })
    }
  }
})

test('a kept response has paths of its own, with and without /v1, and needs the scope chat', () => {
  for (const base of ['/v1/responses/resp_1', '/responses/resp_1']) {
    const asked = [
      ['GET', base, 'show'],
      ['DELETE', `${base}/`, 'delete'],
      ['GET', `${base}/input_items`, 'input-items'],
      ['POST', `${base}/cancel`, 'cancel'],
    ] as const
    for (const [method, path, type] of asked) {
      const wish = { type, id: 'resp_1' }
      expect(matchRoute(method, path)).toMatchObject({ purpose: 'stored-response', wish, scope: 'chat' })
    }
    expect(failure('POST', base).code).toBe('method_not_allowed')
    expect(failure('GET', `${base}/output_items`).code).toBe('route_not_found')
    expect(failure('POST', `${base}/cancel/now`).code).toBe('route_not_found')
  }
  expect(matchRoute('POST', '/v1/responses/input_tokens')).toMatchObject({ purpose: 'count-tokens' })
})

test('only chat streams may get an empty delta as a sign of life', () => {
  for (const path of Object.keys(operationPaths)) {
    const { keepAlive } = matchRoute('POST', path).dialect
    expect([path, keepAlive.writeEmptyDelta !== undefined]).toEqual([path, path === '/v1/chat/completions'])
  }
})

test('what is open to everyone is the greeting, a version and the state of health, and nothing else', () => {
  const open = ['/', '/v1', '/healthz', '/readyz', '/v1/health', '/version', '/api/version']
  for (const path of open) expect(matchRoute('GET', path).scope).toBeUndefined()
  expect(matchRoute('GET', '/metrics').scope).toBe('metrics')
  expect(matchRoute('GET', '/v1/models').scope).toBe('chat')
  fc.assert(
    fc.property(fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'), fc.string(), (method, rest) => {
      expect(matchRoute(method, `/llmr/v1/x${rest.replace(/\/+$/, '')}`).scope).toBe('admin')
    }),
  )
})

test('a model id comes out as it went in, whatever is in it', () => {
  const id = fc.string({ minLength: 1 }).filter((text) => text.isWellFormed())
  fc.assert(
    fc.property(id, (model) => {
      const escaped = encodeURIComponent(model)
      for (const prefix of ['/v1/models/', '/models/']) {
        expect(matchRoute('GET', prefix + escaped)).toMatchObject({ purpose: 'show-model', model })
      }
    }),
  )
  expect(matchRoute('GET', '/v1/models/org/name')).toMatchObject({ model: 'org/name' })
  expect(matchRoute('GET', '/v1/models/100%')).toMatchObject({ model: '100%' })
})

test('a list without a model is the list', () => {
  for (const path of ['/v1/models', '/v1/models/', '/models//'])
    expect(matchRoute('GET', path).purpose).toBe('list-models')
})

test('the wrong method says which are right', () => {
  const wrong = failure('GET', '/v1/chat/completions')
  expect(wrong).toMatchObject({ code: 'method_not_allowed', facts: { headers: { allow: 'POST' } } })
  expect(failure('DELETE', '/v1/models/a').facts.headers).toEqual({ allow: 'GET, HEAD' })
})

test('a path without meaning is refused by name, cut to a bearable length', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 2000, size: 'max' }), (path) => {
      const { message, code } = failure('POST', `/nowhere/${path}`)
      expect(code).toBe('route_not_found')
      expect(message.length).toBeLessThan(450)
    }),
  )
})

test('a path that ends with one of ours is told which, as a base address with too much in it makes them', () => {
  const ends = {
    '/v1/v1/chat/completions': '/v1/chat/completions',
    '/openai/v1/models': '/v1/models',
    '/anthropic/v1/messages': '/v1/messages',
    '/openai/deployments/a/chat/completions': '/chat/completions',
    '/ollama/api/tags': '/api/tags',
  }
  for (const [path, end] of Object.entries(ends)) {
    expect(failure('POST', path).message).toContain(`Did you mean ${end}?`)
  }
  expect(failure('POST', '/v1/files').message).not.toContain('Did you mean')
})

test("LM Studio's earlier API takes requests as OpenAI's does", () => {
  const taken = {
    '/api/v0/chat/completions': 'chat',
    '/api/v0/completions': 'completion',
    '/api/v0/embeddings': 'embedding',
  }
  for (const [path, operation] of Object.entries(taken)) {
    expect(matchRoute('POST', path)).toMatchObject({ purpose: 'operation', operation, scope: 'chat' })
  }
})

test('a path of slashes without an end takes no longer than another', () => {
  // By a pattern it would take the better part of a minute.
  expect(failure('GET', `${'/'.repeat(200_000)}a/`).code).toBe('route_not_found')
})

test('no two families claim one path: the later would never be asked', () => {
  const paths = routeFamilies.flatMap((family) => family.paths.map(([path]) => path))
  expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([])
})
