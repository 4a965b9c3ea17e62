import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { checkCall } from '../../../src/toolcalls/arguments/check-call.ts'
import { repairName } from '../../../src/toolcalls/arguments/repair-name.ts'
import { validateArguments } from '../../../src/toolcalls/arguments/validate-arguments.ts'

const schema = {
  type: 'object',
  properties: {
    path: { type: 'string' },
    limit: { type: 'integer', minimum: 1 },
    isDeep: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
    mode: { enum: ['read', 'write'] },
    size: { anyOf: [{ type: 'number' }, { type: 'null' }] },
    point: { $ref: '#/$defs/point' },
  },
  required: ['path'],
  additionalProperties: false,
  $defs: { point: { type: 'object', properties: { x: { type: 'number' } }, required: ['x'] } },
}

describe('arguments', () => {
  test('that fit come back to the letter', () => {
    const text = '{ "path": "a",  "limit": 12345678901234567890 }'
    expect(validateArguments(text, schema)).toEqual({ argumentsText: text, repairs: [], problems: [] })
  })

  test.each([
    ['a number in a string', { path: 'a', limit: '5' }, { path: 'a', limit: 5 }, 'limit'],
    ['a string that is a number', { path: 7 }, { path: '7' }, 'path'],
    ['a boolean in a string', { path: 'a', isDeep: 'True' }, { path: 'a', isDeep: true }, 'isDeep'],
    ['a list in a string', { path: 'a', tags: '["x"]' }, { path: 'a', tags: ['x'] }, 'tags'],
    ['one item for a list', { path: 'a', tags: 'x' }, { path: 'a', tags: ['x'] }, 'tags'],
    ['an object in a string', { path: 'a', point: '{"x": 1}' }, { path: 'a', point: { x: 1 } }, 'point'],
    ['a value within', { path: 'a', point: { x: '1.5' } }, { path: 'a', point: { x: 1.5 } }, 'point.x'],
    ['a null in a string', { path: 'a', size: 'null' }, { path: 'a', size: null }, 'size'],
  ])('%s', (_, given, wanted, repaired) => {
    const checked = validateArguments(JSON.stringify(given), schema)
    expect(JSON.parse(checked.argumentsText)).toEqual(wanted)
    expect(checked.repairs).toEqual([repaired])
  })

  test.each([
    ["{'path': 'a', 'isDeep': True,}", { path: 'a', isDeep: true }],
    ['{path: "a"}', { path: 'a' }],
    ['{"path": "a", "tags": ["x", "y"', { path: 'a', tags: ['x', 'y'] }],
    ['{"path": "C:\\Users\\me"}', { path: 'C:\\Users\\me' }],
    ['"{\\"path\\": \\"a\\"}"', { path: 'a' }],
  ])('broken as %s are repaired', (text, wanted) => {
    const checked = validateArguments(text, schema)
    expect(JSON.parse(checked.argumentsText)).toEqual(wanted)
    expect(checked.problems).toEqual([])
  })

  test.each([
    ['{}', '`path` is missing.'],
    ['{"path": "a", "limit": "many"}', '`limit` must be integer, and is string.'],
    ['{"path": "a", "limit": 0}', '`limit` is below its minimum of 1.'],
    ['{"path": "a", "mode": "x"}', '`mode` must be one of "read", "write", and is "x".'],
    [
      '{"path": "a", "colour": 1}',
      '`colour` is not a parameter; there are path, limit, isDeep, tags, mode, size, point.',
    ],
    ['{"path": "a", "point": {}}', '`point.x` is missing.'],
    ['not JSON', 'The arguments are not a JSON object.'],
    ['[1]', 'The arguments are not a JSON object.'],
    ['{"path": ', 'The arguments are not a JSON object.'],
  ])('%s: %s', (text, problem) => {
    expect(validateArguments(text, schema).problems).toEqual([problem])
  })

  test('of any text end in a verdict, and what was put right once stays right', () => {
    const nearly = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((text) => text.slice(0, -1)),
      fc.json().map((text) => `{"path": ${text}`),
    )
    fc.assert(
      fc.property(nearly, (text) => {
        const once = validateArguments(text, schema)
        if (once.problems.includes('The arguments are not a JSON object.')) return
        expect(validateArguments(once.argumentsText, schema)).toEqual({ ...once, repairs: [] })
      }),
    )
  })

  test('whatever JSON says is what comes back', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const text = JSON.stringify(value)
        expect(validateArguments(text, {})).toEqual({ argumentsText: text, repairs: [], problems: [] })
      }),
    )
  })

  test('of a schema that points to itself are checked, and the check ends', () => {
    const ring = {
      $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } },
      properties: { x: { $ref: '#/$defs/a' } },
    }
    expect(validateArguments('{"x": 1}', ring).problems).toEqual([])
    const tree = { type: 'object', properties: { next: { $ref: '#' }, n: { type: 'integer' } } }
    expect(validateArguments('{"next": {"next": {"n": "1"}}}', tree).repairs).toEqual(['next.next.n'])
  })
})

describe('a name', () => {
  const offered = ['read_file', 'write_file', 'list_directory']

  test.each([
    ['read_file', 'read_file'],
    ['ReadFile', 'read_file'],
    ['read-file', 'read_file'],
    ['functions.read_file', 'read_file'],
    ['read_fiel', 'read_file'],
    ['list_directories', 'list_directory'],
    ['read_file()', 'read_file'],
  ])('%s is %s', (name, wanted) => {
    expect(repairName(name, offered)).toBe(wanted)
  })

  test.each(['delete_everything', '', 'file'])('%s is no tool', (name) => {
    expect(repairName(name, offered)).toBeUndefined()
  })

  test('that two tools are near to is a guess, and none is taken', () => {
    expect(repairName('get_usr', ['get_user', 'get_uss'])).toBeUndefined()
  })
})

test('a call that no tool answers says which there are', () => {
  const tools = [{ name: 'read_file', parameters: schema }]
  expect(checkCall({ name: 'open', argumentsText: '{}' }, tools).problems).toEqual([
    'There is no tool `open`; there are read_file.',
  ])
  expect(checkCall({ name: 'ReadFile', argumentsText: '{"path": 1}' }, tools)).toEqual({
    name: 'read_file',
    argumentsText: '{"path":"1"}',
    repairs: ['name', 'path'],
    problems: [],
  })
})
