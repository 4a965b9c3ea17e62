import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { postChat } from '../../support/chat.ts'
import { beginStream, chatEnd, chatEvent, startFakeEngine, streamPieces } from '../../support/fake-engine.ts'
import { startTestGateway } from '../../support/start-gateway.ts'

const isStream = { model: 'fake', stream: true }

/** A reply with everything that an impatient reader might trip over. */
const events =
  chatEvent('caf\u00e9 \u{1f642}') +
  ': comment of the engine\n\n' +
  chatEvent('') +
  `event: message\r\ndata: {"choices":[]}\r\n\r\n` +
  chatEvent('data: [DONE]') +
  chatEnd

test('a stream reaches the client as the very bytes that the engine sent', async () => {
  const engine = await startSimulatedEngine()
  await using gateway = await startTestGateway(`backends: { sim: { url: "${engine.url}", kind: llama.cpp } }`)
  const body = { model: 'simulated', stream: true, stream_options: { include_usage: true }, seed: 7 }
  const direct = await (await postChat(engine.url, body)).text()
  const passed = await (await postChat(gateway.url, body)).text()
  // Ids and clocks of the engine's differ between two requests; nothing else may.
  const steady = (text: string) =>
    text.replaceAll(/"id":"[^"]*"|"created":\d+|"timings":\{[^}]*\}|"cached_tokens":\d+/g, '')
  expect(steady(passed)).toBe(steady(direct))
  expect(passed).toMatch(/"usage":\{/)
  await engine.close()
})

test('however the stream was cut into pieces, the client gets the same bytes', async () => {
  let pieces: readonly Buffer[] = []
  await using engine = await startFakeEngine((request) => streamPieces(request, pieces))
  await using gateway = await startTestGateway(`backends: { fake: { url: "${engine.url}", kind: openai } }`)
  const bytes = Buffer.from(events)
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(bytes.length), { maxLength: 40 }), async (cuts) => {
      pieces = slices(bytes, cuts)
      const reply = Buffer.from(await (await postChat(gateway.url, isStream)).arrayBuffer())
      expect(reply.toString()).toBe(events)
    }),
    { numRuns: 60 },
  )
  pieces = slices(bytes, [...bytes.keys()]) // every byte alone
  expect(await (await postChat(gateway.url, isStream)).text()).toBe(events)
})

function slices(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...cuts.toSorted((a, b) => a - b), bytes.length]
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)).filter(({ length }) => length > 0)
}

test('an end marker inside the text of a reply does not make a broken stream whole (N2.9)', async () => {
  await using engine = await startFakeEngine((request) =>
    streamPieces(request, [chatEvent('a stream ends with data: [DONE] and "finish_reason":"stop"')]),
  )
  await using gateway = await startTestGateway(`backends: { fake: { url: "${engine.url}", kind: openai } }`)
  const text = await (await postChat(gateway.url, isStream)).text()
  expect(text).toMatch(/data: \{"error":\{"message":"The reply broke off: [^\n]*"code":"backend_stream_died"\}\}\n\n$/)
})

test('a stream that dies inside an event ends with an error that is an event of its own', async () => {
  const torn = chatEvent('whole') + chatEvent('torn').slice(0, 30)
  await using engine = await startFakeEngine(({ response }) => {
    beginStream(response)
    response.write(torn, () => response.destroy())
  })
  await using gateway = await startTestGateway(`backends: { fake: { url: "${engine.url}", kind: openai } }`)
  const text = await (await postChat(gateway.url, isStream)).text()
  expect(text.startsWith(`${torn}\n\n`)).toBe(true)
  expect(text.split('\n\n').at(-2)).toMatch(/^data: \{"error":.*"code":"backend_stream_died"\}\}$/)
})

test('a stream that ends between two events gets no blank lines of ours', async () => {
  await using engine = await startFakeEngine((request) => streamPieces(request, [chatEvent('whole')]))
  await using gateway = await startTestGateway(`backends: { fake: { url: "${engine.url}", kind: openai } }`)
  const text = await (await postChat(gateway.url, isStream)).text()
  expect(text.startsWith(`${chatEvent('whole')}data: {"error":`)).toBe(true)
})

test('a reply without a stream keeps every byte too, white space and all', async () => {
  const body = '{ "object":"chat.completion",\n\t"choices": [ ], "model":"fake" , "x": 1.0e0 }\n'
  await using engine = await startFakeEngine(({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'set-cookie': 'engine=1' })
    for (const byte of body) response.write(byte)
    response.end()
  })
  await using gateway = await startTestGateway(`backends: { fake: { url: "${engine.url}", kind: openai } }`)
  const response = await postChat(gateway.url, { model: 'fake' })
  expect(await response.text()).toBe(body)
  expect(response.headers.get('content-length')).toBe(String(body.length))
  expect(response.headers.has('set-cookie')).toBe(false)
})

test('a reply larger than what is held is passed on while it comes', async () => {
  const block = 'x'.repeat(1024 * 1024)
  const { promise: mayEnd, resolve: letEnd } = Promise.withResolvers<void>()
  await using engine = await startFakeEngine(async ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"text":"')
    for (let count = 0; count < 6; count++) response.write(block)
    await mayEnd
    response.end('"}')
  })
  await using gateway = await startTestGateway(`backends: { fake: { url: "${engine.url}", kind: openai } }`)
  const response = await postChat(gateway.url, { model: 'fake' })
  letEnd()
  expect((await response.text()).length).toBe(6 * block.length + '{"text":""}'.length)
})
