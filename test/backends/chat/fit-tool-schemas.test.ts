import fc from 'fast-check'
import { expect, test } from 'vitest'

import { fitToolSchemas } from '../../../src/backends/chat/fit-tool-schemas.ts'

const withSchema = (parameters: unknown) => ({ tools: [{ type: 'function', function: { name: 'f', parameters } }] })
const property = (schema: object) => withSchema({ type: 'object', properties: { x: { type: 'string', ...schema } } })

test.for([
  { pattern: 'abc' },
  { pattern: '^abc' },
  { pattern: '^\\d+$' },
  { pattern: '^(?=a).*$' },
  { pattern: '^(?:a|b)$' },
  { maxLength: 100_000 },
  { maxLength: 2_000 },
  { minItems: 5_000 },
])('a schema goes without what llama.cpp makes no grammar of: %j (R15)', (unreadable) => {
  expect(fitToolSchemas(property({ ...unreadable, description: 'kept' }))).toEqual(property({ description: 'kept' }))
})

test('a schema that it can read, or of which it ignores a part, is the same value', () => {
  const schema = { $schema: 'x', format: 'uri', pattern: '^[a-z]{2}-[0-9]+$', maxLength: 200, enum: [{ pattern: 'a' }] }
  const body = property(schema)
  expect(fitToolSchemas(body)).toBe(body)
})

test('properties that are called like a keyword stay', () => {
  const body = withSchema({
    type: 'object',
    properties: { pattern: { type: 'string' }, maxLength: { type: 'number' } },
  })
  expect(fitToolSchemas(body)).toBe(body)
})

test('whatever clients call a schema is survived, however deep', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (schema) => {
      expect(() => fitToolSchemas(withSchema(schema))).not.toThrow()
    }),
  )
  let deep: object = {}
  for (let level = 0; level < 20_000; level++) deep = { items: deep }
  expect(() => fitToolSchemas(withSchema(deep))).not.toThrow()
})
