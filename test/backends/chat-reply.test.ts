import { expect, test } from 'vitest'

import { ChatReply } from '../../src/backends/chat-reply.ts'

function replyOf(...events: readonly object[]): ChatReply {
  const reply = new ChatReply()
  for (const event of events) reply.addEvent(JSON.stringify(event))
  return reply
}

const delta = (part: object): object => ({ choices: [{ index: 0, delta: part }] })

test('text and reasoning are gathered apart, under both names of reasoning', () => {
  const reply = replyOf(
    delta({ role: 'assistant', content: null }),
    delta({ reasoning_content: 'hm' }),
    delta({ reasoning: ' hm' }),
    delta({ content: 'Hel' }),
    delta({ content: 'lo' }),
  )
  expect([reply.text, reply.reasoning]).toEqual(['Hello', 'hm hm'])
})

test('arguments of parallel tool calls are joined by their index', () => {
  const call = (index: number, name: string | undefined, written: string): object =>
    delta({ tool_calls: [{ index, function: { name, arguments: written } }] })
  const reply = replyOf(
    call(0, 'read', ''),
    call(1, 'list', '{"a"'),
    call(0, undefined, '{}'),
    call(1, undefined, ':1}'),
  )
  expect(reply.toolCalls).toEqual([
    { name: 'read', arguments: '{}' },
    { name: 'list', arguments: '{"a":1}' },
  ])
})

test('only an event in which the model said something counts as a token', () => {
  const reply = new ChatReply()
  expect(reply.addEvent(JSON.stringify(delta({ role: 'assistant', content: '' })))).toBe(false)
  expect(reply.addEvent(JSON.stringify(delta({ content: 'x' })))).toBe(true)
  expect(reply.addEvent('[DONE]')).toBe(false)
})

test('usage in an event without choices is read, and a cached prompt gives no prefill rate', () => {
  const reply = replyOf(
    { choices: [{ delta: {}, finish_reason: 'length' }], timings: null },
    {
      choices: [],
      usage: { prompt_tokens: 22, completion_tokens: 3 },
      timings: { prompt_n: 1, prompt_per_second: 2941, predicted_n: 3, predicted_per_second: 4357 },
    },
  )
  expect(reply.usage).toEqual({ promptTokens: 22, completionTokens: 3 })
  expect(reply.timings).toEqual({ decodeTokensPerSecond: 4357 })
})

test('a reply is whole only when its end was announced', () => {
  expect(replyOf(delta({ content: 'half' })).isComplete).toBe(false)
  expect(replyOf({ choices: [{ delta: {}, finish_reason: 'stop' }] }).isComplete).toBe(true)
})

test('a failure inside the stream is kept with its words', () => {
  expect(replyOf({ error: { message: 'CUDA out of memory' } }).error).toBe('CUDA out of memory')
  expect(replyOf({ error: 'plain' }).error).toBe('plain')
  expect(replyOf({ error: null, choices: [] }).error).toBeUndefined()
})
