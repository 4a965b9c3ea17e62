import { expect, test } from 'vitest'

import { readChat } from '../../../../src/dialects/openai/chat/read-chat.ts'
import { editChatBody } from '../../../../src/gateway/request/toolcalls/edit-chat-body.ts'

const tool = (name: string) => ({ type: 'function', function: { name, parameters: {} }, cache_control: { type: 'x' } })
const json = {
  model: 'm',
  logit_bias: { 1: 2 },
  grammar: 'root ::= "a"',
  tools: [tool('read'), tool('list'), { type: 'web_search' }],
  tool_choice: { type: 'function', function: { name: 'read' } },
  messages: [
    { role: 'system', content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }], x: 1 },
    { role: 'user', content: 'Read.', extra: true },
    { role: 'assistant', content: null, reasoning_content: 'Hm', tool_calls: [call('c1')] },
    { role: 'tool', tool_call_id: 'c1', content: 'text' },
  ],
}

function call(id: string) {
  return { id, type: 'function', function: { name: 'read', arguments: '{"path":"a"}' } }
}

const before = readChat(json).request

test('what does not change is the very value that the client sent', () => {
  const after = { ...before, messages: before.messages.slice(0, 2) }
  const edited = editChatBody(json, { before, after })
  expect(edited).toEqual({ ...json, messages: json.messages.slice(0, 2) })
})

test('a message that changes keeps its thoughts, its calls and their ids', () => {
  const messages = before.messages.map((message) => ({ ...message }))
  const edited = editChatBody(json, { before, after: { ...before, messages } })
  expect((edited['messages'] as unknown[])[2]).toMatchObject({
    role: 'assistant',
    reasoning_content: 'Hm',
    tool_calls: [call('c1')],
  })
  expect((edited['messages'] as unknown[])[3]).toEqual({ role: 'tool', tool_call_id: 'c1', content: 'text' })
})

test('a tool that is taken away takes nothing else with it', () => {
  const tools = before.tools.filter(({ name }) => name !== 'read')
  const edited = editChatBody(json, { before, after: { ...before, tools, toolChoice: 'auto' } })
  expect(edited).toMatchObject({
    tools: [tool('list'), { type: 'web_search' }],
    tool_choice: 'auto',
    grammar: json.grammar,
  })
})

test('an answer without tools has none, nor a grammar that would force a call', () => {
  const edited = editChatBody(json, { before, after: { ...before, tools: [] } })
  expect(Object.keys(edited)).toEqual(['model', 'logit_bias', 'messages'])
})
