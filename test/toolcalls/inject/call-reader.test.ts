import { assert, constantFrom, array, integer, property, tuple } from 'fast-check'
import { expect, test } from 'vitest'

import type { ReplyPart } from '../../../src/core/chat/reply-part.ts'
import { replyOf } from '../../../src/core/chat/reply.ts'
import { CallReader } from '../../../src/toolcalls/inject/call-reader.ts'
import { callStyleOf } from '../../../src/toolcalls/inject/call-style.ts'
import { callPart } from '../../support/toolcalls/history.ts'

const tools = ['read', 'list'].map((name) => ({
  name,
  parameters: { type: 'object', properties: { path: { type: 'string' }, limit: { type: 'integer' } } },
}))

function read(texts: readonly string[], options: { mayCallInParallel?: boolean; style?: string } = {}) {
  let count = 0
  const told: number[][] = []
  const reader = new CallReader({
    style: callStyleOf(options.style ?? 'm'),
    tools,
    mayCallInParallel: options.mayCallInParallel ?? true,
    mintId: () => `id${count++}`,
    onCalls: (...counts) => told.push(counts),
  })
  const parts: ReplyPart[] = texts.flatMap((text) => reader.read({ type: 'text', text }))
  const before = parts.length
  parts.push(...reader.read({ type: 'finish', reason: 'stop' }), ...reader.end())
  return { parts, before, told, reply: replyOf(parts) }
}

const written = (name: string, args: object) => callStyleOf('m').writeCall(callPart('x', name, args))

test('a reply is calls or text and never both: what is said beside a call is a thought (N1.17)', () => {
  const { reply } = read(['I will look.\n', written('read', { path: 'a' })])
  expect(reply).toMatchObject({
    finishReason: 'calls',
    parts: [
      { type: 'reasoning', text: 'I will look.' },
      { type: 'tool-call', name: 'read', argumentsText: '{"path":"a"}' },
    ],
  })
})

test('text without a call is the answer, to the letter', () => {
  const { reply } = read(['  An array is [1] and an object {"a": 1}.\n'])
  expect(reply).toMatchObject({
    finishReason: 'stop',
    parts: [{ type: 'text', text: '  An array is [1] and an object {"a": 1}.\n' }],
  })
})

test('thoughts are told while they come, the rest when it is known what it is', () => {
  const { parts, before } = read(['<think>Hm, ', 'a file.</think>', 'Let me see. ', written('list', {})])
  expect(parts.slice(0, before).every(({ type }) => type === 'reasoning')).toBe(true)
  expect(before).toBeGreaterThan(0)
})

test.each([
  ['{"tool": "read", "args": {"path": "a"}}'],
  ['Sure: {"tool": "read", "args": {"path": "a"}}'],
  ['```json\n{"name": "read", "arguments": {"path": "a"}}\n```'],
  ['<tool_call>{"name": "read", "arguments": {"path": "a"}'],
  ['[TOOL_REQUEST]{"name": "read", "arguments": {"path": "a"}}[END_TOOL_REQUEST]'],
])('%s is read as the call it is (N1.13)', (text) => {
  const { reply } = read([text])
  const calls = reply.parts.filter((part) => part.type === 'tool-call')
  expect(calls.map(({ name, argumentsText }) => [name, JSON.parse(argumentsText)])).toEqual([['read', { path: 'a' }]])
})

test('a name and values that are nearly right are put right, and counted', () => {
  const { reply, told } = read([written('Read', { path: 'a', limit: '3' })])
  expect(reply.parts).toMatchObject([{ name: 'read', argumentsText: '{"path":"a","limit":3}' }])
  expect(told).toEqual([[1, 1]])
})

test('a client that takes one call at a time gets one', () => {
  const text = written('read', { path: 'a' }) + written('list', {})
  expect(read([text]).reply.parts).toHaveLength(2)
  expect(read([text], { mayCallInParallel: false }).reply.parts).toMatchObject([{ name: 'read' }])
})

test('whatever a model strings together, and wherever it is cut, the reply is calls or text, and no marker is left in it', () => {
  const pieces = ['Well. ', '<think>Hm</think>', written('read', { path: 'a' }), '{"tool": "list", "args": {}}', '\n']
  assert(
    property(tuple(array(constantFrom(...pieces), { maxLength: 6 }), integer({ min: 1, max: 7 })), ([chosen, size]) => {
      const text = chosen.join('')
      const { reply } = read(text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [])
      const types = new Set(reply.parts.map(({ type }) => type))
      expect(types.has('tool-call') && types.has('text')).toBe(false)
      expect(JSON.stringify(reply.parts)).not.toContain('<tool_call>')
      expect(types.has('tool-call')).toBe(reply.finishReason === 'calls')
    }),
  )
})

test('calls that the engine itself has read pass', () => {
  let told = 0
  const reader = new CallReader({
    style: callStyleOf('m'),
    tools,
    mayCallInParallel: true,
    mintId: () => '',
    onCalls: () => told++,
  })
  const parts = [
    ...reader.read({ type: 'call-start', call: 0, id: 'e1', name: 'read' }),
    ...reader.read({ type: 'call-arguments', call: 0, text: '{"path":' }),
    ...reader.read({ type: 'call-arguments', call: 0, text: '"a"}' }),
    ...reader.read({ type: 'finish', reason: 'calls' }),
  ]
  expect(replyOf(parts).parts).toEqual([callPart('e1', 'read', '{"path":"a"}')])
  expect(told).toBe(1)
})
