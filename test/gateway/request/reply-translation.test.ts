import { expect, test } from 'vitest'

import type { Reply } from '../../../src/core/chat/reply.ts'
import type { ReplyEnding } from '../../../src/dialects/chat-dialect.ts'
import { openaiResponsesDialect } from '../../../src/dialects/openai-responses/openai-responses-dialect.ts'
import { ReplyTranslation } from '../../../src/gateway/request/reply-translation.ts'
import { readResponseStream } from '../../support/read-response-stream.ts'

const facts = { requestId: 'r', createdAtMs: 0, path: '/v1/responses', mintId: () => 'id' }

/** A translation whose reply is kept when the test says so. */
function translate({ isStream }: { isStream: boolean }) {
  const chat = openaiResponsesDialect.readChat({ input: 'Hi' }, facts)
  const asked: Reply[] = []
  const { promise, resolve } = Promise.withResolvers<ReplyEnding>()
  const keep = (reply: Reply) => {
    asked.push(reply)
    return promise
  }
  const voice = isStream ? chat.openStream('m') : undefined
  return { asked, resolve, translation: new ReplyTranslation({ chat, voice, model: 'm', keep }) }
}

const chunk = (delta: object) => Buffer.from(`data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`)

test('the end of a stream is told when the reply was kept, and says so', async () => {
  const { asked, resolve, translation } = translate({ isStream: true })
  const said = translation.push(chunk({ content: 'good ' })) + translation.push(chunk({ content: 'day' }))
  translation.endRound()
  const end = translation.end()
  expect(asked).toMatchObject([{ parts: [{ type: 'text', text: 'good day' }], finishReason: 'stop' }])
  resolve({ isKept: true })
  const { response, ending } = readResponseStream(said + (await end))
  expect({ response, ending }).toMatchObject({ ending: 'completed', response: { store: true } })
})

test('a whole reply is given when it was kept, and says whether it was', async () => {
  for (const isKept of [true, false]) {
    const { resolve, translation } = translate({ isStream: false })
    translation.pushWhole(Buffer.from(JSON.stringify({ choices: [{ message: { content: 'good day' } }] })))
    expect(translation.endRound()).toEqual({ said: '', ask: undefined })
    const body = translation.end()
    resolve({ isKept })
    expect(JSON.parse(await body)).toMatchObject({ status: 'completed', store: isKept })
  }
})

test('a reply that the engine broke off is not kept', () => {
  const { asked, translation } = translate({ isStream: true })
  const said = translation.push(chunk({ content: 'good ' })) + translation.push(Buffer.from('data: {"error":"no"}\n\n'))
  translation.endRound()
  expect(readResponseStream(`${said}${translation.end() as string}`).ending).toBe('failed')
  expect(asked).toEqual([])
})
