import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { LlmrError } from '../../../src/core/error.ts'
import { readRequest } from '../../../src/dialects/openai/read-request.ts'

function read(body: string, contentType = 'application/json', query = ''): ReturnType<typeof readRequest> {
  return readRequest({ contentType, body: Buffer.from(body), query })
}

describe('the model name is found wherever a client puts it (N2.6)', () => {
  test('in JSON', () => expect(read('{"model":"a","stream":true}')).toMatchObject({ model: 'a', isStream: true }))
  test('in a urlencoded form', () =>
    expect(read('model=a%2Fb&stream=true', 'application/x-www-form-urlencoded')).toMatchObject({
      model: 'a/b',
      isStream: true,
    }))
  test('in the query string', () =>
    expect(read('{"input":"x"}', 'application/json', 'model=q')).toMatchObject({ model: 'q' }))
  test('in the query string of a request without a body', () => expect(read('', '', 'model=q').model).toBe('q'))
  test('in JSON that curl sent as a form', () =>
    expect(read(' {"model":"a"}', 'application/x-www-form-urlencoded').model).toBe('a'))
})

test('an absent or empty model is absent, not an error', () => {
  expect(read('{}').model).toBeUndefined()
  expect(read('{"model":""}').model).toBeUndefined()
})

test.each([
  ['{"model":', 'invalid_json', 'not valid JSON'],
  ['[1]', 'invalid_json', 'it is an array'],
  ['null', 'invalid_json', 'it is null'],
  ['{"model":7}', 'invalid_request', 'it is a number'],
])('%s is refused with what was expected and what came', (body, code, words) => {
  expect(() => read(body)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(words) }))
})

test('no body crashes the reader', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string(), fc.string(), (bytes, contentType, query) => {
      try {
        readRequest({ body: Buffer.from(bytes), contentType, query })
      } catch (error) {
        expect(error).toBeInstanceOf(LlmrError)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('an empty body that is said to be JSON is refused here, not in the words of an engine', () => {
  const body = Buffer.alloc(0)
  expect(() => readRequest({ contentType: 'application/json', body, query: '' })).toThrow(/^The request body is empty/)
  expect(readRequest({ contentType: undefined, body, query: 'model=a' })).toMatchObject({
    model: 'a',
    encoding: 'none',
  })
})
