import { expect, test } from 'vitest'

import { beginStream, chatEnd, chatEvent, type FakeEngine, startFakeEngine } from '../../support/fake-engine.ts'
import { readMessageStream } from '../../support/read-message-stream.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

/** A gateway with quick signs of life. */
function startGateway(engineUrl: string, deltaInterval = '1h'): Promise<TestGateway> {
  return startTestGateway(`
    listen: { shutdown_timeout: 0s }
    backends: { fake: { url: "${engineUrl}", kind: openai } }
    dialects: { keep_alive: { interval: 20ms, delta_interval: ${deltaInterval} } }
  `)
}

/** Asks for a stream, and reads it piece by piece. */
async function ask(gateway: TestGateway, request: object = {}) {
  const response = await fetch(`${gateway.url}/v1/messages`, {
    method: 'POST',
    body: JSON.stringify({
      model: 'fake',
      max_tokens: 9,
      stream: true,
      messages: [{ role: 'user', content: 'Hi' }],
      ...request,
    }),
  })
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  const reader = response.body!.getReader()
  const decoder = new TextDecoder()
  let text = ''
  return {
    /** All that has come, as soon as this is in it. */
    until: async (wanted: RegExp): Promise<string> => {
      while (!wanted.test(text)) {
        const { value, done } = await reader.read()
        if (done) throw new Error(`the stream ended without ${String(wanted)}: ${text}`)
        text += decoder.decode(value, { stream: true })
      }
      return text
    },
    rest: async (): Promise<string> => {
      for (;;) {
        const { value, done } = await reader.read()
        if (done) return text
        text += decoder.decode(value, { stream: true })
      }
    },
  }
}

async function replyOf(engine: FakeEngine) {
  const { response } = await engine.asked
  beginStream(response)
  return response
}

test('while an engine is silent the message begins, and pings follow', async () => {
  await using engine = await startFakeEngine(() => undefined)
  await using gateway = await startGateway(engine.url)
  const stream = await ask(gateway)
  await stream.until(/(event: ping[^]*){3}/)
  const reply = await replyOf(engine)
  reply.end(chatEvent('at last') + chatEnd)
  const message = readMessageStream(await stream.rest())
  expect(message).toMatchObject({ isWhole: true, blocks: [{ type: 'text', text: 'at last' }] })
  expect(message.pings).toBeGreaterThanOrEqual(3)
})

test.for([
  ['text', {}],
  ['thinking', { thinking: { type: 'adaptive' } }],
] as const)(
  'when content is due an empty delta opens a block of %s, and the reply goes on in it (R1)',
  async ([type, wish]) => {
    await using engine = await startFakeEngine(() => undefined)
    await using gateway = await startGateway(engine.url, '30ms')
    const stream = await ask(gateway, wish)
    await stream.until(/(content_block_delta[^]*){2}/)
    const reply = await replyOf(engine)
    reply.write('data: {"choices":[{"index":0,"delta":{"reasoning_content":"Hm."}}]}\n\n')
    reply.end(chatEvent('Yes.') + chatEnd)
    const { blocks, emptyDeltas, isWhole } = readMessageStream(await stream.rest())
    const texts = blocks.map((block) => [block.type, block.text])
    const answer = ['text', 'Yes.']
    expect({ texts, isWhole }).toEqual({
      texts: type === 'text' ? [answer] : [['thinking', 'Hm.'], answer],
      isWhole: true,
    })
    expect(emptyDeltas).toBeGreaterThan(0)
  },
)

test('thoughts that the client did not ask for are silence to it, and covered for', async () => {
  await using engine = await startFakeEngine(() => undefined)
  await using gateway = await startGateway(engine.url)
  const stream = await ask(gateway)
  const reply = await replyOf(engine)
  const thinking = setInterval(() => {
    reply.write('data: {"choices":[{"index":0,"delta":{"reasoning_content":"Hm. "}}]}\n\n')
  }, 2)
  try {
    await stream.until(/(event: ping[^]*){3}/)
  } finally {
    clearInterval(thinking)
  }
  reply.end(chatEvent('Yes.') + chatEnd)
  expect(readMessageStream(await stream.rest()).blocks).toMatchObject([{ type: 'text', text: 'Yes.' }])
})

test('an error that the engine puts into its stream is wrapped as this dialect has it, and ends the message', async () => {
  await using engine = await startFakeEngine(() => undefined)
  await using gateway = await startGateway(engine.url)
  const asked = ask(gateway)
  const reply = await replyOf(engine)
  reply.end(`${chatEvent('half')}data: {"error":{"code":500,"message":"out of memory","type":"server_error"}}\n\n`)
  const message = readMessageStream(await (await asked).rest())
  expect(message).toMatchObject({
    isWhole: false,
    error: { error: { type: 'overloaded_error', message: expect.stringContaining('out of memory') } },
  })
})

test('an engine that gives a whole reply where a stream was asked for is heard all the same', async () => {
  await using engine = await startFakeEngine(({ response }) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ choices: [{ message: { content: 'Whole.' }, finish_reason: 'stop' }] }))
  })
  await using gateway = await startGateway(engine.url)
  const message = readMessageStream(await (await ask(gateway)).rest())
  expect(message).toMatchObject({ isWhole: true, blocks: [{ type: 'text', text: 'Whole.' }], stopReason: 'end_turn' })
})
