import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ChatStreamReader } from '../../../src/backends/chat/chat-stream-reader.ts'
import { readChatReply } from '../../../src/backends/chat/read-chat-reply.ts'
import { type Reply, replyOf } from '../../../src/core/chat/reply.ts'

const call = { id: 'x', type: 'function', function: { name: 'look', arguments: '{}' } }
const said = fc.record(
  { content: fc.string(), tool_calls: fc.constantFrom([], [call]), reasoning_content: fc.string() },
  { requiredKeys: [] },
)
const finish = fc.constantFrom(undefined, null, 'stop', 'tool_calls', 'length', 'content_filter', 'eos')
const usage = fc.constantFrom(undefined, { prompt_tokens: 7, completion_tokens: 3 })

function streamed(choice: object, rest: object): Reply {
  const reader = new ChatStreamReader(() => 'minted', 100)
  const text = `data: ${JSON.stringify({ choices: [choice], ...rest })}\n\ndata: [DONE]\n\n`
  return replyOf([...reader.push(Buffer.from(text)), ...reader.end()])
}

describe('a reply, streamed or whole, whatever the engine left out', () => {
  test('ends for a reason that fits what was said', () => {
    fc.assert(
      fc.property(said, finish, (message, finish_reason) => {
        const whole = readChatReply({ choices: [{ message, finish_reason }] }, () => 'minted')
        for (const reply of [streamed({ delta: message, finish_reason }, {}), whole]) {
          const hasCalls = reply?.parts.some(({ type }) => type === 'tool-call')
          const cut =
            finish_reason === 'length' ? 'length' : finish_reason === 'content_filter' ? 'filtered' : undefined
          expect(reply?.finishReason).toBe(cut ?? (hasCalls === true ? 'calls' : 'stop'))
        }
      }),
    )
  })

  test("has a usage: the engine's, else an estimate", () => {
    fc.assert(
      fc.property(said, usage, (message, told) => {
        const whole = readChatReply({ choices: [{ message }], usage: told }, () => 'minted', 100)
        for (const reply of [streamed({ delta: message }, { usage: told }), whole]) {
          expect(reply?.usage?.promptTokens).toBe(told === undefined ? 100 : 7)
          expect(reply?.usage?.completionTokens).toBeGreaterThanOrEqual(0)
        }
      }),
    )
    expect(streamed({ delta: { content: 'x'.repeat(40) } }, {}).usage).toMatchObject({ completionTokens: 10 })
  })

  test('that says nothing stays empty', () => {
    expect(streamed({ delta: {} }, {})).toMatchObject({ parts: [], finishReason: 'stop' })
  })

  test('is not made whole where it failed', () => {
    const reader = new ChatStreamReader(() => 'minted')
    const parts = [...reader.push(Buffer.from('data: {"error":{"message":"out of memory"}}\n\n')), ...reader.end()]
    expect(parts.map(({ type }) => type)).toEqual(['error'])
  })
})
