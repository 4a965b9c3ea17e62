import { expect, test } from 'vitest'

import type { ChatRequest } from '../../../src/core/chat/chat-request.ts'
import { type Message, textOf } from '../../../src/core/chat/message.ts'
import { callStyleOf } from '../../../src/toolcalls/inject/call-style.ts'
import { injectTools } from '../../../src/toolcalls/inject/inject-tools.ts'
import { call, callPart, result, said, user } from '../../support/toolcalls/history.ts'

const tools = ['read', 'list'].map((name) => ({ name, description: `Will ${name}.`, parameters: { type: 'object' } }))
const style = callStyleOf('gemma-2-2b')

function request(messages: readonly Message[], more: Partial<ChatRequest> = {}): ChatRequest {
  return { model: 'm', messages, tools, sampling: {}, isStream: false, ...more }
}

const written = ({ messages }: ChatRequest) => messages.map(({ role, parts }) => [role, textOf(parts)])

test('definitions become text behind what the client itself tells the model (N1.13)', () => {
  const system: Message = { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] }
  const injected = injectTools(request([system, user('Hi')]), style)
  expect(injected.tools).toEqual([])
  const [first, ...rest] = injected.messages
  expect(first).toMatchObject({ role: 'system', parts: [{ text: 'Be brief.' }, {}] })
  expect(textOf(first?.parts ?? [])).toContain(
    '{"name":"read","description":"Will read.","parameters":{"type":"object"}}',
  )
  expect(rest).toEqual([user('Hi')])
})

test('earlier calls are shown as the model is asked to write them, and results of one turn are one message', () => {
  const both: Message = {
    role: 'assistant',
    parts: [{ type: 'text', text: 'I look.' }, callPart('a', 'read', { path: 'x' }), callPart('b', 'list', {})],
  }
  const injected = injectTools(
    request([user('Go'), both, result('b', 'two'), result('a', 'one', true), user('And?')]),
    style,
  )
  expect(written(injected).slice(1)).toEqual([
    ['user', 'Go'],
    [
      'assistant',
      'I look.\n<tool_call>\n{"name": "read", "arguments": {"path":"x"}}\n</tool_call>\n<tool_call>\n{"name": "list", "arguments": {}}\n</tool_call>',
    ],
    ['user', '<tool_response>\nlist: two\n</tool_response><tool_response>\nread: Error: one\n</tool_response>'],
    ['user', 'And?'],
  ])
})

test('nothing of a tool is left in a message, whatever the choice', () => {
  const history = [user('Go'), call('a'), result('a', 'text'), said('Done.'), user('Thanks')]
  for (const toolChoice of ['auto', 'none', 'required', { name: 'list' }] as const) {
    const { messages, toolChoice: left } = injectTools(request(history, { toolChoice }), style)
    expect(messages.flatMap(({ role, parts }) => [role, ...parts.map(({ type }) => type)])).not.toContain('tool')
    expect(messages.flatMap(({ parts }) => parts.map(({ type }) => type))).not.toContain('tool-call')
    expect(left).toBeUndefined()
  }
})

test('a choice is said in words: none has no tools, a name only that one', () => {
  const text = (toolChoice: ChatRequest['toolChoice']) =>
    JSON.stringify(injectTools(request([user('Go')], { toolChoice }), style))
  expect(text('none')).not.toContain('Will read.')
  expect(text('required')).toContain('You must call a tool now.')
  expect(text({ name: 'list' })).not.toContain('Will read.')
  expect(text({ name: 'list' })).toContain('Will list.')
})

test('a schema for the answer is told, since a mask for it would make every call impossible', () => {
  const responseFormat = { type: 'schema', schema: { type: 'object' } } as const
  const extras = { grammar: 'root ::= "a"', id_slot: 1 }
  const injected = injectTools(request([user('Go')], { responseFormat, extras }), style)
  expect(injected).toMatchObject({ responseFormat: undefined, extras: { id_slot: 1 } })
  expect(injected.extras).not.toHaveProperty('grammar')
  expect(JSON.stringify(injected.messages)).toContain('answer with JSON alone of this schema')
})

test("a family's own words are used where they are known", () => {
  expect(callStyleOf('Meta-Llama-3-8B').explain(tools)).toContain('"parameters"')
  expect(callStyleOf('gemma-2').explain(tools)).toContain('<tool_call>')
})
