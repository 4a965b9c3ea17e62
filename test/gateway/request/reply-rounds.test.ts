import { expect, test } from 'vitest'

import type { Connection } from '../../../src/backends/connection.ts'
import type { UpstreamController, UpstreamHandler } from '../../../src/backends/upstream-handler.ts'
import type { ChatRequest } from '../../../src/core/chat/chat-request.ts'
import { openaiChatCall } from '../../../src/dialects/openai/chat/openai-chat-call.ts'
import { ReplyRounds } from '../../../src/gateway/request/reply/reply-rounds.ts'
import { ReplyTranslation } from '../../../src/gateway/request/reply-translation.ts'
import type { ReplyStage } from '../../../src/toolcalls/reply/reply-stage.ts'
import { backendSettings } from '../../support/backend-settings.ts'

const facts = { requestId: 'r', createdAtMs: 0, path: '/v1/chat/completions', mintId: () => 'id' }
const ask: ChatRequest = { model: 'm', messages: [], tools: [], sampling: {}, isStream: false }
const controller: UpstreamController = {
  aborted: false,
  paused: false,
  abort: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
}

/** A whole reply that is followed up `asks` times, by an engine that the test plays. */
function start(asks: number) {
  let left = asks
  const stage: ReplyStage = {
    read: (part) => (part.type === 'finish' ? [] : [part]),
    end: () => (left-- > 0 ? { parts: [], ask } : { parts: [{ type: 'finish', reason: 'stop' }] }),
    giveUp: () => [{ type: 'finish', reason: 'length' }],
  }
  const translation = new ReplyTranslation({
    chat: openaiChatCall({ messages: [] }, facts),
    voice: undefined,
    model: 'm',
    stage,
  })
  const sent: UpstreamHandler[] = []
  const failures: string[] = []
  const connection: Connection = {
    settings: backendSettings({ url: 'http://engine' }),
    send: (_request, handler) => {
      sent.push(handler)
      handler.onRequestStart(controller)
    },
    close: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
  }
  const rounds = new ReplyRounds({
    translation,
    client: undefined,
    count: () => undefined,
    connection,
    url: 'http://engine/v1/chat/completions',
    writeFollowUp: () => ({ method: 'POST', path: '/', headers: [], body: '{}' }),
    onFollowUpFailed: ({ causeClass }) => failures.push(causeClass),
  })
  translation.pushWhole(reply('one ', 3))
  return { rounds, sent, failures }
}

function reply(content: string, tokens: number): Buffer {
  const usage = { prompt_tokens: 10, completion_tokens: tokens }
  return Buffer.from(JSON.stringify({ choices: [{ message: { content }, finish_reason: 'length' }], usage }))
}

function answer(handler: UpstreamHandler | undefined, status: number, body: Buffer): void {
  handler?.onResponseStart(controller, status, { 'content-type': 'application/json' })
  handler?.onResponseData(controller, body)
  handler?.onResponseEnd(controller, {})
}

test('what the engine says to each question belongs to the one reply, and what it cost is summed', async () => {
  const { rounds, sent, failures } = start(2)
  const last = rounds.end()
  await expect.poll(() => sent.length).toBe(1)
  answer(sent[0], 200, reply('two ', 4))
  await expect.poll(() => sent.length).toBe(2)
  answer(sent[1], 200, reply('three', 5))
  expect(JSON.parse(await last)).toMatchObject({
    choices: [{ message: { content: 'one two three' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 30, completion_tokens: 12 },
  })
  expect(failures).toEqual([])
})

test.each([
  ['is refused', 500, Buffer.from('{"error":{"message":"no"}}')],
  ['is answered with something else', 200, Buffer.from('[]')],
])('a question that %s ends the reply as it stands', async (_, status, body) => {
  const { rounds, sent, failures } = start(1)
  const last = rounds.end()
  await expect.poll(() => sent.length).toBe(1)
  answer(sent[0], status, body)
  expect(JSON.parse(await last)).toMatchObject({
    choices: [{ message: { content: 'one ' }, finish_reason: 'length' }],
    usage: { completion_tokens: 3 },
  })
  expect(failures).toHaveLength(1)
})

test('a reply that nothing follows up is told at once', () => {
  const { rounds, sent } = start(0)
  expect(JSON.parse(rounds.end() as string)).toMatchObject({ choices: [{ message: { content: 'one ' } }] })
  expect(sent).toEqual([])
})

test('a client that leaves cuts the question, and nothing more is asked', async () => {
  const { rounds, sent } = start(3)
  const last = rounds.end()
  await expect.poll(() => sent.length).toBe(1)
  const reason = new Error('gone')
  rounds.cancel(reason)
  sent[0]?.onResponseError(controller, reason)
  expect(await last).toBe('')
  expect(sent).toHaveLength(1)
})
