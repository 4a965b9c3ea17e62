import { expect, test } from 'vitest'

import { configJsonSchema } from '../../src/config/config-json-schema.ts'
import { describeSchema } from '../../src/config/describe-schema.ts'
import type { Shape } from '../../src/config/describe-schema.ts'
import { configSchema } from '../../src/config/schema.ts'

const kinds = ['llama.cpp', 'vllm']
const schema: unknown = configJsonSchema(kinds)

/** Every place of the schema beside its JSON Schema. */
function pairs(shape: Shape, json: unknown, path = ''): readonly { path: string; shape: Shape; json: unknown }[] {
  const below =
    shape.kind === 'object'
      ? Array.from(shape.keys).flatMap(([key, value]) =>
          pairs(value, at(at(sectionOf(json), 'properties'), key), `${path}.${key}`),
        )
      : shape.kind === 'record'
        ? pairs(shape.value, at(json, 'additionalProperties'), `${path}.*`)
        : shape.kind === 'list'
          ? pairs(shape.item, at(json, 'items'), `${path}[]`)
          : []
  return [{ path, shape, json }, ...below]
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined
}

/** Where a word may stand in place of a section, it is one of several. */
function sectionOf(json: unknown): unknown {
  const choices = at(json, 'anyOf')
  return Array.isArray(choices) ? choices.find((choice) => at(choice, 'properties') !== undefined) : json
}

const places = pairs(describeSchema(configSchema(kinds)), schema)

test('the JSON Schema has every key with its description, and allows no other', () => {
  expect(places.length).toBeGreaterThan(100)
  expect(places.filter(({ json }) => json === undefined)).toEqual([])
  expect(places.filter(({ shape, json }) => shape.description !== at(json, 'description'))).toEqual([])
  const sections = places.filter(({ shape }) => shape.kind === 'object')
  expect(sections.filter(({ json }) => at(sectionOf(json), 'additionalProperties') !== false)).toEqual([])
})

test('a section may be empty', () => {
  const sections = places.filter(({ shape }) => shape.kind === 'object' || shape.kind === 'record')
  expect(sections.map(({ json }) => at(sectionOf(json), 'type'))).toEqual(sections.map(() => ['object', 'null']))
})

test('a variable may stand for every single value', () => {
  const values = places.filter(({ shape }) => !['object', 'record', 'list'].includes(shape.kind))
  const narrow = values.filter(({ json }) => at(json, 'type') !== 'string')
  expect(narrow.length).toBeGreaterThan(50)
  for (const { json } of narrow) expect(at(json, 'anyOf')).toContainEqual({ $ref: '#/definitions/variable' })

  const wide = values.filter(({ json }) => at(json, 'type') === 'string')
  expect(wide.filter(({ json }) => ['pattern', 'enum', 'format'].some((rule) => at(json, rule) !== undefined))).toEqual(
    [],
  )

  const pattern = String(at(at(at(schema, 'definitions'), 'variable'), 'pattern'))
  expect('http://${env.HOST:-gpu}:1').toMatch(new RegExp(pattern))
  expect('http://${HOST}').not.toMatch(new RegExp(pattern))
})

test('secrets are marked, and the kinds of backends are those that there are', () => {
  const secret = places.find(({ path }) => path === '.backends.*.api_key')
  expect(JSON.stringify(secret?.json)).toContain('"writeOnly":true')
  const kind = places.find(({ path }) => path === '.backends.*.kind')
  expect(JSON.stringify(kind?.json)).toContain('"enum":["auto","llama.cpp","vllm"]')
})

test('where one word may stand in place of a section, the word, the section and a variable are all right', () => {
  const memory = places.find(({ path }) => path === '.memory')
  expect(at(memory?.json, 'anyOf')).toEqual([
    expect.objectContaining({ type: ['object', 'null'] }),
    { enum: ['off', 'authenticated', 'on'] },
    { $ref: '#/definitions/variable' },
  ])
})
