import { expect, test } from 'vitest'

import type { Message } from '../../../src/core/chat/message.ts'
import { applyVerdict, type GuardedRequest } from '../../../src/toolcalls/loop/apply-verdict.ts'
import { detectToolLoop } from '../../../src/toolcalls/loop/detect-tool-loop.ts'
import { uniqueResults } from '../../../src/toolcalls/loop/unique-results.ts'
import { repeated, rounds, said, user } from '../../support/toolcalls/history.ts'

const system: Message = { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] }
const start = [system, user('Hi'), said('Hello'), user('What is in a?')]
const tools = ['read', 'list'].map((name) => ({ name, parameters: {} }))

function guarded(times: number, offered = tools): GuardedRequest {
  const messages = [...start, ...rounds(...repeated(times, ['read', { path: 'a' }, 'text of a'] as const))]
  const verdict = detectToolLoop(messages)
  const request = { messages, tools: offered }
  return verdict === undefined ? request : applyVerdict(request, verdict)
}

test('the first step is a line in the last result, and no new turn', () => {
  const { messages, tools: left } = guarded(3)
  expect(messages).toHaveLength(start.length + 6)
  expect(messages.at(-1)).toMatchObject({ role: 'tool' })
  expect(JSON.stringify(messages.at(-1))).toContain('result 3 of the same call to read')
  expect(left).toEqual(tools)
})

test('the second takes the tool away, and leaves the choice free', () => {
  expect(guarded(4)).toMatchObject({ tools: [{ name: 'list', parameters: {} }], toolChoice: 'auto' })
})

test('the third asks for an answer from what was found, without tools and without calls in the history', () => {
  const { messages, tools: left } = guarded(5)
  expect(left).toEqual([])
  expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user'])
  expect(messages.slice(0, 3)).toEqual(start.slice(0, 3))
  const order = JSON.stringify(messages.at(-1))
  expect(order).toContain('What is in a?')
  expect(order.match(/text of a/g)).toHaveLength(1)
  expect(order).toContain('No more tools are available')
})

test('the only tool taken away leaves nothing but an answer', () => {
  expect(guarded(4, tools.slice(0, 1)).messages.at(-1)).toMatchObject({ role: 'user' })
})

test('what the tools gave is told once each, in order', () => {
  const steps = rounds(['list', {}, 'a b'], ['read', { path: 'a' }, 'text'], ['read', { path: 'a' }, 'text'])
  expect(uniqueResults([user('go'), ...steps]).map(({ tool, text }) => [tool, text])).toEqual([
    ['list', 'a b'],
    ['read', 'text'],
  ])
})
