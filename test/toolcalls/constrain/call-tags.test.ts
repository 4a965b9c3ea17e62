import { expect, test } from 'vitest'

import { callTags } from '../../../src/toolcalls/constrain/call-tags.ts'
import { callStyleOf } from '../../../src/toolcalls/inject/call-style.ts'

const { written } = callStyleOf('m')
const parameters = { type: 'object', properties: { path: { type: 'string' } } }
const tools = [
  { name: 'read', parameters },
  { name: 'list', parameters: {} },
]

test('between the markers stands a call to one of the tools, loosely with any arguments', () => {
  expect(callTags(written, tools, 'loose')).toEqual({
    type: 'structural_tag',
    triggers: ['<tool_call>'],
    structures: [
      {
        begin: '<tool_call>',
        end: '</tool_call>',
        schema: {
          type: 'object',
          properties: { name: { enum: ['read', 'list'] }, arguments: { type: 'object' } },
          required: ['name', 'arguments'],
        },
      },
    ],
  })
})

test('held fully, each name comes with the schema of its tool', () => {
  const [structure] = callTags(written, tools, 'full')?.structures ?? []
  expect(structure?.schema).toMatchObject({
    anyOf: [{ properties: { name: { const: 'read' }, arguments: parameters } }, {}],
  })
})

test('calls that do not stand between two markers cannot be held so', () => {
  expect(callTags(callStyleOf('llama-3.1-8b').written, tools, 'loose')).toBeUndefined()
  expect(callTags(written, [], 'loose')).toBeUndefined()
})
