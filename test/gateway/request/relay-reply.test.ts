import { expect, test } from 'vitest'

import type { Connection } from '../../../src/backends/connection.ts'
import type { UpstreamController, UpstreamHandler } from '../../../src/backends/upstream-handler.ts'
import type { ChatCall } from '../../../src/dialects/chat-dialect.ts'
import { openaiChatCall } from '../../../src/dialects/openai/chat/openai-chat-call.ts'
import { relayReply } from '../../../src/gateway/request/relay-reply.ts'
import { type Keep, ReplyTranslation } from '../../../src/gateway/request/reply-translation.ts'
import { backendSettings } from '../../support/backend-settings.ts'
import { memoryExchange } from '../../support/memory-exchange.ts'

const facts = { requestId: 'r', createdAtMs: 0, path: '/v1/chat/completions', mintId: () => 'id' }
const fault = new RangeError('a fault of ours')

/** Relays a whole reply of an engine that the test plays, said anew by a dialect that throws. */
function relay(keep?: Keep) {
  const chat: ChatCall = {
    ...openaiChatCall({ messages: [] }, facts),
    writeReply: () => {
      throw fault
    },
  }
  const { exchange } = memoryExchange()
  const sent: UpstreamHandler[] = []
  const connection: Connection = {
    settings: backendSettings({ url: 'http://engine' }),
    send: (_request, handler) => void sent.push(handler),
    close: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
  }
  const outcome = relayReply({
    exchange,
    connection,
    request: { method: 'POST', path: '/', headers: [], body: '{}' },
    url: 'http://engine/',
    replyHeaders: [],
    isStream: false,
    pulse: undefined,
    reshape: undefined,
    translation: new ReplyTranslation({ chat, voice: undefined, model: 'm', ...(keep !== undefined && { keep }) }),
    writeFollowUp: () => ({ method: 'POST', path: '/', headers: [], body: '{}' }),
    onFollowUpFailed: () => undefined,
    cut: undefined,
    witness: undefined,
    onFirstByte: () => undefined,
  })
  return { outcome, handler: sent[0] }
}

test.each([
  ['while the engine is heard', undefined],
  ['after something was waited for', () => Promise.resolve({ isKept: true })],
] as const)("a fault of llmr %s is told as one, and ends the engine's work", async (_, keep) => {
  const aborted: Error[] = []
  const controller: UpstreamController = {
    aborted: false,
    paused: false,
    // Undici tells of an abort at once.
    abort: (reason) => {
      aborted.push(reason)
      handler?.onResponseError(controller, reason)
    },
    pause: () => undefined,
    resume: () => undefined,
  }
  const { outcome, handler } = relay(keep)
  handler?.onRequestStart(controller)
  handler?.onResponseStart(controller, 200, { 'content-type': 'application/json' })
  handler?.onResponseData(controller, Buffer.from('{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}'))
  handler?.onResponseEnd(controller, {})
  await expect(outcome).rejects.toBe(fault)
  expect(aborted).toHaveLength(keep === undefined ? 1 : 0)
})
