import OpenAI from 'openai'
import { expect, test } from 'vitest'

import { postChat } from '../../support/chat.ts'
import { beginStream, chatEnd, chatEvent, startFakeEngine } from '../../support/fake-engine.ts'
import { chatText, connectRaw } from '../../support/raw-client.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

const comment = ': keep-alive\n\n'
const isStream = { model: 'fake', stream: true }

/** A gateway with quick signs of life. The empty delta is far off unless a test brings it near. */
function startGateway(engineUrl: string, deltaInterval = '1h'): Promise<TestGateway> {
  return startTestGateway(`
    listen: { shutdown_timeout: 0s }
    backends: { fake: { url: "${engineUrl}", kind: openai } }
    dialects: { keep_alive: { interval: 20ms, delta_interval: ${deltaInterval} } }
  `)
}

/** Reads until a piece of text has come, and hands over all that came. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, wanted: RegExp): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  while (!wanted.test(text)) {
    const { value, done } = await reader.read()
    if (done) throw new Error(`the stream ended without ${String(wanted)}: ${text}`)
    text += decoder.decode(value, { stream: true })
  }
  return text
}

test('a stream is opened while the engine is still silent, and its content follows (N4.9)', async () => {
  await using engine = await startFakeEngine(() => undefined)
  await using gateway = await startGateway(engine.url)
  const response = await postChat(gateway.url, isStream)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  const reader = response.body!.getReader()
  expect(await readUntil(reader, /keep-alive\n\n/)).toMatch(/^(: keep-alive\n\n)+$/)

  const { response: reply } = await engine.asked
  beginStream(reply)
  reply.end(chatEvent('at last') + chatEnd)
  const rest = await readUntil(reader, /\[DONE\]\n\n/)
  expect(rest.replaceAll(comment, '')).toBe(chatEvent('at last') + chatEnd)
})

test('a silent engine is covered for between two events and never inside one', async () => {
  const [first, second] = [chatEvent('first'), chatEvent('second')]
  // Where an event may be cut: in its middle, before its blank line, and inside a blank line of two bytes.
  const cuts = [20, first.length - 2, first.length - 1]
  for (const cut of cuts) {
    await using engine = await startFakeEngine(() => undefined)
    await using gateway = await startGateway(engine.url)
    const response = await postChat(gateway.url, isStream)
    const reader = response.body!.getReader()
    const { response: reply } = await engine.asked
    beginStream(reply)
    reply.write(first.slice(0, cut))
    const before = await readUntil(reader, /"id"/)

    // Another stream gets its signs of life meanwhile: this one's would have come by then.
    const other = await postChat(gateway.url, isStream)
    await readUntil(other.body!.getReader(), /(: keep-alive\n\n){2}/)
    reply.write(first.slice(cut))
    const text = before + (await readUntil(reader, /(: keep-alive\n\n){2}$/))
    expect(text.replaceAll(comment, '')).toBe(first)
    expect(text.indexOf(first)).toBeGreaterThanOrEqual(0)

    reply.end(second + chatEnd)
    expect((await readUntil(reader, /\[DONE\]\n\n/)).replaceAll(comment, '')).toBe(second + chatEnd)
  }
})

test('a stream that waits for a place at its engine is kept alive as well', async () => {
  await using engine = await startFakeEngine(() => undefined)
  await using gateway = await startTestGateway(`
    listen: { shutdown_timeout: 0s }
    backends: { fake: { url: "${engine.url}", kind: openai, max_concurrent: 1 } }
    dialects: { keep_alive: { interval: 20ms } }
  `)
  const first = postChat(gateway.url, { model: 'fake' })
  const { response: reply } = await engine.asked
  const second = await postChat(gateway.url, isStream)
  await readUntil(second.body!.getReader(), /(: keep-alive\n\n){2}/)
  expect(engine.requests).toHaveLength(1)
  reply.setHeader('content-type', 'application/json').end('{}')
  expect((await first).status).toBe(200)
  await expect.poll(() => engine.requests.length).toBe(2)
})

test('no comment of ours begins with ": ping", which one reader takes for the end (R2)', async () => {
  await using engine = await startFakeEngine(() => undefined)
  await using gateway = await startGateway(engine.url)
  const response = await postChat(gateway.url, isStream)
  const text = await readUntil(response.body!.getReader(), /(:[^\n]*\n\n){3}/)
  for (const line of text.split('\n\n')) expect(line).not.toMatch(/^: ?ping/)
})

test('an empty delta comes when comments have been all for long, and the SDK reads it as nothing said', async () => {
  await using engine = await startFakeEngine(() => undefined)
  await using gateway = await startGateway(engine.url, '60ms')
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 })
  const stream = await client.chat.completions.create({
    model: 'fake',
    stream: true,
    messages: [{ role: 'user', content: 'hi' }],
  })
  const chunks: OpenAI.ChatCompletionChunk[] = []
  for await (const chunk of stream) {
    chunks.push(chunk)
    if (chunks.length !== 2) continue
    const { response: reply } = await engine.asked
    beginStream(reply)
    reply.end(chatEvent('done') + chatEnd)
  }
  expect(chunks[0]).toMatchObject({
    object: 'chat.completion.chunk',
    model: 'fake',
    choices: [{ index: 0, delta: { content: '' }, finish_reason: null }],
  })
  expect(chunks[0]?.id).toBe(chunks[1]?.id)
  expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('done')
})

test('a completion stream gets comments only: it has no empty delta', async () => {
  await using engine = await startFakeEngine(() => undefined)
  await using gateway = await startGateway(engine.url, '20ms')
  const response = await fetch(`${gateway.url}/v1/completions`, {
    method: 'POST',
    body: JSON.stringify({ ...isStream, prompt: 'hi' }),
  })
  expect(await readUntil(response.body!.getReader(), /(: keep-alive\n\n){3}/)).toMatch(/^(: keep-alive\n\n)+$/)
})

test('a request without a stream gets no byte before its status is known', async () => {
  await using engine = await startFakeEngine(() => undefined)
  await using gateway = await startGateway(engine.url)
  const client = await connectRaw(gateway.url)
  client.send(chatText({ model: 'fake' }))
  const { response: reply } = await engine.asked
  // A stream beside it has had its signs of life.
  const other = await postChat(gateway.url, isStream)
  await readUntil(other.body!.getReader(), /(: keep-alive\n\n){2}/)
  reply.writeHead(400, { 'content-type': 'application/json' })
  reply.end('{"error":{"message":"no"}}')
  expect(await client.reply()).toMatchObject({ status: 400 })
  client.cut()
})

test.each(['application/json', 'text/plain'])(
  'a whole reply of %s to a stream that was opened meanwhile ends it with an error',
  async (contentType) => {
    await using engine = await startFakeEngine(() => undefined)
    await using gateway = await startGateway(engine.url)
    const response = await postChat(gateway.url, isStream)
    const reader = response.body!.getReader()
    await readUntil(reader, /keep-alive/)
    const { response: reply } = await engine.asked
    reply.writeHead(200, { 'content-type': contentType })
    reply.end('{"object":"chat.completion"}')
    const rest = await readUntil(reader, /"error"[^\n]*\n\n$/)
    expect(rest).toMatch(/answered a streamed request with a whole reply/)
    expect((await reader.read()).done).toBe(true)
  },
)

test.each(['application/json', 'text/plain'])(
  'a whole reply of %s whose body is late reaches the client as it is, and no stream is opened for it',
  async (contentType) => {
    const { promise: mayEnd, resolve: letEnd } = Promise.withResolvers<void>()
    const whole = '{"object":"chat.completion"}'
    await using engine = await startFakeEngine(async ({ response }) => {
      if (engine.requests.length > 1) return
      response.writeHead(200, { 'content-type': contentType })
      response.flushHeaders()
      await mayEnd
      response.end(whole)
    })
    await using gateway = await startGateway(engine.url)
    const reply = postChat(gateway.url, isStream)
    await engine.asked
    const other = await postChat(gateway.url, isStream)
    await readUntil(other.body!.getReader(), /(: keep-alive\n\n){2}/)
    letEnd()
    expect((await reply).headers.get('content-type')).toBe(contentType)
    expect(await (await reply).text()).toBe(whole)
  },
)
