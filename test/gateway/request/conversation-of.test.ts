import { expect, test } from 'vitest'

import { anthropicMessagesDialect } from '../../../src/dialects/anthropic-messages/anthropic-messages-dialect.ts'
import type { ChatDialect } from '../../../src/dialects/chat-dialect.ts'
import { openaiResponsesDialect } from '../../../src/dialects/openai-responses/openai-responses-dialect.ts'
import type { EarlierReplies } from '../../../src/core/chat/kept-reply.ts'
import { conversationOf } from '../../../src/gateway/request/conversation-of.ts'

const facts = { requestId: 'r', createdAtMs: 0, path: '/', mintId: () => 'id' }

function markOf(dialect: ChatDialect, json: Record<string, unknown>, earlier?: EarlierReplies): string | undefined {
  const chat = dialect.readChat(json, { ...facts, earlier })
  const request = { model: undefined, isStream: false, encoding: 'json' as const, json }
  return conversationOf({ principal: 'me', headers: {}, intake: { chat, request } })
}

test('a turn that sends only what is new belongs to the conversation that it goes on with', () => {
  const call = openaiResponsesDialect.readChat({ input: 'Hello.' }, facts)
  const kept = call.keep?.({ parts: [{ type: 'text', text: 'Hi.' }], finishReason: 'stop' }, 'm')
  const first = markOf(openaiResponsesDialect, { input: 'Hello.' })
  const earlier = { chain: kept === undefined ? [] : [kept], named: [] }
  const second = markOf(openaiResponsesDialect, { input: 'And?', previous_response_id: kept?.id }, earlier)
  expect(first).toBeDefined()
  expect(second).toBe(first)
  expect(markOf(openaiResponsesDialect, { input: 'And?' })).not.toBe(first)
})

test('where a client wants its cache to begin makes no other conversation of it', () => {
  const said = { type: 'text', text: 'Hello.' }
  const mark = (block: object) => markOf(anthropicMessagesDialect, { messages: [{ role: 'user', content: [block] }] })
  expect(mark({ ...said, cache_control: { type: 'ephemeral' } })).toBe(mark(said))
})
