import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { fitToolIds } from '../../../src/backends/chat/fit-tool-ids.ts'
import { toolIdFormOfName, toolIdFormOfTemplate } from '../../../src/backends/chat/tool-id-form-of.ts'
import { listAt, textAt } from '../../../src/core/foreign-json.ts'

interface Call {
  readonly id: string
  readonly name: string
}

const assistant = (...calls: readonly Call[]) => ({
  role: 'assistant',
  content: null,
  tool_calls: calls.map(({ id, name }) => ({ id, type: 'function', function: { name, arguments: '{}' } })),
})
const result = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'ok' })

const calledIds = (body: unknown): (string | undefined)[] =>
  listAt(body, 'messages').flatMap((message) => listAt(message, 'tool_calls').map((call) => textAt(call, 'id')))
const resultIds = (body: unknown): string[] =>
  listAt(body, 'messages').flatMap((message) => textAt(message, 'tool_call_id') ?? [])

const id = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('call_1', 'abcdefgh1', 'functions.read:0', 'toolu_01'))
const turns = fc.uniqueArray(fc.record({ id, name: fc.constantFrom('read', 'write') }), { selector: (call) => call.id })
const history = (calls: readonly Call[]) => ({
  messages: [{ role: 'user', content: 'go' }, ...calls.flatMap((call) => [assistant(call), result(call.id)])],
})
const form = fc.constantFrom('nine-characters', 'function-index')

describe('ids of tool calls', () => {
  test('have nine letters and digits where the template refuses others, each its own', () => {
    fc.assert(
      fc.property(turns, (calls) => {
        const ids = calledIds(fitToolIds(history(calls), 'nine-characters'))
        expect(new Set(ids).size).toBe(calls.length)
        for (const fitted of ids) expect(fitted).toMatch(/^[A-Za-z0-9]{9}$/)
      }),
    )
  })

  test('are the name and a number where the model writes them so, counted through the conversation', () => {
    fc.assert(
      fc.property(turns, (calls) => {
        const ids = calledIds(fitToolIds(history(calls), 'function-index'))
        expect(new Set(ids).size).toBe(calls.length)
        calls.forEach(({ name }, index) => expect(ids[index]).toMatch(new RegExp(`^functions\\.${name}:\\d+$`)))
      }),
    )
    const calls = ['toolu_1', 'toolu_2'].map((given) => ({ id: given, name: 'read' }))
    expect(calledIds(fitToolIds(history(calls), 'function-index'))).toEqual(['functions.read:0', 'functions.read:1'])
  })

  test('are the same on a result as on its call', () => {
    fc.assert(
      fc.property(turns, form, (calls, wanted) => {
        const fitted = fitToolIds(history(calls), wanted)
        expect(resultIds(fitted)).toEqual(calledIds(fitted))
      }),
    )
  })

  test('do not change when the conversation goes on, so that the engine finds its prompt again', () => {
    fc.assert(
      fc.property(turns, fc.nat(), form, (calls, cut, wanted) => {
        const earlier = calledIds(fitToolIds(history(calls.slice(0, cut)), wanted))
        expect(calledIds(fitToolIds(history(calls), wanted)).slice(0, earlier.length)).toEqual(earlier)
      }),
    )
  })

  test('that are right stay, and with them the whole request', () => {
    const mistral = history([{ id: 'Ab3dE6gH9', name: 'read' }])
    expect(fitToolIds(mistral, 'nine-characters')).toBe(mistral)
    const kimi = history([{ id: 'functions.read:7', name: 'read' }])
    expect(fitToolIds(kimi, 'function-index')).toBe(kimi)
    const other = history([{ id: 'toolu_1', name: 'read' }])
    expect(fitToolIds(other, 'any')).toBe(other)
  })

  test('that an engine counted anew in each turn are told apart', () => {
    const calls = [0, 1].map(() => ({ id: 'functions.read:0', name: 'read' }))
    const fitted = fitToolIds(history(calls), 'function-index')
    expect(calledIds(fitted)).toEqual(['functions.read:0', 'functions.read:1'])
    expect(resultIds(fitted)).toEqual(['functions.read:0', 'functions.read:1'])
  })

  test('of whatever else clients send are left alone', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), form, (messages, wanted) => {
        expect(() => fitToolIds({ messages }, wanted)).not.toThrow()
      }),
    )
  })
})

test.for([
  ['mistralai/Mistral-Small-3.2-24B-Instruct-2506', 'nine-characters'],
  ['devstral-small-2507', 'nine-characters'],
  ['Mixtral:8x7b', 'nine-characters'],
  ['moonshotai/Kimi-K2-Instruct', 'function-index'],
  ['kimi-k2:1t-cloud', 'function-index'],
  ['qwen3-coder', 'any'],
  ['mistralish', 'any'],
] as const)('the ids of "%s" are of the form %s', ([model, wanted]) => {
  expect(toolIdFormOfName(model)).toBe(wanted)
})

test('a chat template says itself which ids it takes', () => {
  const mistral =
    '{%- if not tool_call.id is defined or tool_call.id|length != 9 %}{{- raise_exception("Tool call IDs should be alphanumeric strings with length 9!") }}'
  expect(toolIdFormOfTemplate(mistral)).toBe('nine-characters')
  const kimi = "{%- set formatted_id = tool_call['id'] -%}<|tool_call_begin|>{{ formatted_id }}"
  expect(toolIdFormOfTemplate(kimi)).toBe('function-index')
  expect(toolIdFormOfTemplate('{{ tool_call.id }}<tool_call>')).toBe('any')
})
