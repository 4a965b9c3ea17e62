import { expect, test } from 'vitest'

import { beginStream, chatEnd, chatEvent, startFakeEngine } from '../../support/fake-engine.ts'
import { readReplyLines } from '../../support/read-reply-lines.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import { openTextStream, type TextStream } from '../../support/text-stream.ts'

/** A gateway with quick signs of life. */
function startGateway(engineUrl: string): Promise<TestGateway> {
  return startTestGateway(`
    listen: { shutdown_timeout: 0s }
    backends: { fake: { url: "${engineUrl}", kind: openai } }
    dialects: { keep_alive: { interval: 20ms } }
  `)
}

async function ask(gateway: TestGateway, path: string, request: object): Promise<TextStream> {
  const body = JSON.stringify({ model: 'fake', ...request })
  const stream = await openTextStream(`${gateway.url}${path}`, { method: 'POST', body })
  expect(stream.response.headers.get('content-type')).toBe('application/x-ndjson')
  return stream
}

const chats = [
  ['/api/chat', { messages: [{ role: 'user', content: 'Hi' }] }],
  ['/api/generate', { prompt: 'Hi' }],
] as const

test.for(chats)(
  'while an engine is silent %s gets lines that say nothing, and then its reply',
  async ([path, request]) => {
    await using engine = await startFakeEngine(() => undefined)
    await using gateway = await startGateway(engine.url)
    const stream = await ask(gateway, path, request)
    const silent = readReplyLines(await stream.until('\n'))
    expect(silent.text).toBe('')
    expect(silent.emptyLines).toBeGreaterThan(0)
    const { response } = await engine.asked
    beginStream(response)
    response.end(chatEvent('Good day') + chatEnd)
    expect(readReplyLines(await stream.ended)).toMatchObject({ text: 'Good day', doneReason: 'stop', isWhole: true })
  },
)

test('what fails after the stream was opened is its last line', async () => {
  await using engine = await startFakeEngine(() => undefined)
  await using gateway = await startGateway(engine.url)
  const stream = await ask(gateway, ...chats[0])
  await stream.until('\n')
  const { response } = await engine.asked
  response.writeHead(500).end('{"error":{"message":"boom"}}')
  expect(readReplyLines(await stream.ended)).toMatchObject({ error: expect.stringMatching(/./), isWhole: false })
})
