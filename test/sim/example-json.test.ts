import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { exampleJson } from '../../src/sim/example-json.ts'

type Schema = Record<string, unknown>

const { schema: anySchema } = fc.letrec<{ schema: Schema }>((tie) => {
  const text = fc
    .record({ low: fc.nat(20), more: fc.nat(20) })
    .map(({ low, more }): Schema => ({ type: 'string', minLength: low, maxLength: low + more }))
  const number = fc
    .record({ type: fc.constantFrom('integer', 'number'), low: fc.integer({ min: -50, max: 50 }), more: fc.nat(9) })
    .map(({ type, low, more }): Schema => ({ type, minimum: low, maximum: low + more }))
  const half = fc
    .record({ key: fc.constantFrom('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'), at: fc.integer() })
    .map(({ key, at }): Schema => ({ type: 'number', [key]: at }))
  const choice = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 3 }).map((values): Schema => ({ enum: values }))
  const list = fc
    .record({ items: tie('schema'), low: fc.nat(2), more: fc.nat(2) })
    .map(({ items, low, more }): Schema => ({ type: 'array', items, minItems: low, maxItems: low + more }))
  const object = fc
    .dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie('schema'), { maxKeys: 3 })
    .chain((properties) =>
      fc
        .subarray(Object.keys(properties))
        .map((required): Schema => ({ type: 'object', properties, required, additionalProperties: false })),
    )
  const either = fc.array(tie('schema'), { minLength: 1, maxLength: 2 }).map((anyOf): Schema => ({ anyOf }))
  return {
    schema: fc.oneof(
      { maxDepth: 3 },
      text,
      number,
      half,
      choice,
      fc.constant<Schema>({ type: 'boolean' }),
      fc.constant<Schema>({ type: 'null' }),
      list,
      object,
      either,
    ),
  }
})

describe('an example of a JSON schema', () => {
  test('is accepted by the schema', () => {
    fc.assert(
      fc.property(anySchema, (schema) => {
        const value = exampleJson(schema)
        expect(z.fromJSONSchema(schema).safeParse(value)).toMatchObject({ success: true })
      }),
    )
  })

  test('is the same every time', () => {
    fc.assert(
      fc.property(anySchema, (schema) => {
        expect(exampleJson(schema)).toEqual(exampleJson(schema))
      }),
    )
  })

  test('has what is required and no more', () => {
    const properties = { city: { type: 'string' }, days: { type: 'integer' } }
    expect(exampleJson({ type: 'object', properties, required: ['days'] })).toEqual({ days: 0 })
    expect(exampleJson({ type: 'object', properties })).toEqual({})
  })

  test.each([
    [{ const: 'x' }, 'x'],
    [{ type: ['null', 'integer'] }, 0],
    [{ type: 'integer', minimum: 7, multipleOf: 5 }, 10],
    [{ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, 0.5],
    [{ type: 'string', format: 'date' }, '2025-01-01'],
    [{ type: 'string', maxLength: 3 }, 'sim'],
    [{ prefixItems: [{ type: 'integer' }, { type: 'boolean' }], minItems: 2 }, [0, true]],
    [{ type: 'array', items: { enum: ['a', 'b', 'c'] }, minItems: 2, uniqueItems: true }, ['a', 'b']],
    [{ type: 'array', items: { type: 'integer' }, minItems: 3, uniqueItems: true }, [0, 1, 2]],
    [
      { allOf: [{ properties: { a: { type: 'null' } }, required: ['a'] }, { required: ['b'] }] },
      { a: null, b: 'simulated' },
    ],
    [{ type: 'object', minProperties: 1, additionalProperties: { type: 'boolean' } }, { field1: true }],
    [{ anyOf: [{ type: 'null' }, { type: 'string' }] }, 'simulated'],
    [{}, {}],
    [true, null],
  ])('of %j is %j', (schema, value) => {
    expect(exampleJson(schema)).toEqual(value)
  })

  test('follows references within the document', () => {
    const schema = { $defs: { 'a/b': { type: 'integer', minimum: 2 } }, $ref: '#/$defs/a~1b' }
    expect(exampleJson(schema)).toBe(2)
  })

  test('of a schema that contains itself ends', () => {
    const list = { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] }
    const node = { type: 'object', properties: { next: list }, required: ['next'] }
    expect(exampleJson({ $defs: { node }, $ref: '#/$defs/node' })).toEqual({ next: null })
    const endless = { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] }
    expect(JSON.stringify(exampleJson(endless))).toMatch(/^(\{"next":)+null\}+$/)
  })
})
