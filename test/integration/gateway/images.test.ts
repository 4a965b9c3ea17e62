import { createServer } from 'node:http'

import { describe, expect, test } from 'vitest'

import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { errorOf, postChat } from '../../support/chat.ts'
import { startFakeEngine } from '../../support/fake-engine.ts'
import { jpegBase64, pngBase64, pngUrl } from '../../support/images.ts'
import { listen } from '../../support/listen.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'

const keep = closeAfterEach()

const reply = {
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'A dot.' }, finish_reason: 'stop' }],
}

/** An engine that does not say whether it sees, behind a gateway. */
async function start(yaml = '') {
  const engine = await startFakeEngine(({ response }) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(reply))
  })
  const gateway = keep(await startTestGateway(`backends: { fake: { url: "${engine.url}", kind: openai } }\n${yaml}`))
  keep({ close: () => Promise.resolve(engine[Symbol.asyncDispose]()) })
  return { gateway, engine }
}

const user = (...images: readonly string[]) => ({
  role: 'user',
  content: [
    { type: 'text', text: 'What is it?' },
    ...images.map((url) => ({ type: 'image_url', image_url: { url, detail: 'low' } })),
  ],
})

describe('an image in a chat', () => {
  test('that is right reaches the engine byte by byte', async () => {
    const { gateway, engine } = await start()
    const body = JSON.stringify({ model: 'fake', messages: [user(pngUrl)] }, undefined, 1)
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', body })
    expect(response.status).toBe(200)
    expect(engine.requests[0]?.body.toString()).toBe(body)
  })

  test('under another type than its own gets its own, and nothing else changes', async () => {
    const { gateway, engine } = await start()
    const url = `data:image/png;base64,${jpegBase64}`
    const response = await postChat(gateway.url, { model: 'fake', messages: [user(url, pngUrl)], logit_bias: {} })
    expect(response.status).toBe(200)
    const messages = [user(`data:image/jpeg;base64,${jpegBase64}`, pngUrl)]
    expect(JSON.parse(String(engine.requests[0]?.body))).toEqual({ model: 'fake', messages, logit_bias: {} })
  })

  test('that is none, or too large, or one too many, is refused before an engine hears of it', async () => {
    const { gateway, engine } = await start('dialects: { images: { max_size: 100B, max_count: 2 } }')
    const problems = [
      [[`data:image/png;base64,${Buffer.from('hello').toString('base64')}`], /Image 1 of 1 is called image\/png, but/],
      [
        [pngUrl, `data:image/gif;base64,${Buffer.alloc(200, 'GIF89a').toString('base64')}`],
        /Image 2 of 2 has 200 bytes/,
      ],
      [[pngUrl, pngUrl, pngUrl], /at most 2 images .* there are 3/],
      [['data:image/svg+xml,<svg/>'], /in Base64/],
    ] as const
    for (const [images, message] of problems) {
      const error = await errorOf(await postChat(gateway.url, { model: 'fake', messages: [user(...images)] }))
      expect(error).toMatchObject({ status: 400, code: 'invalid_request' })
      expect(error.message).toMatch(message)
      expect(error.headers.get('x-should-retry')).toBe('false')
    }
    expect(engine.requests).toEqual([])
  })

  test('is refused in the words of the client', async () => {
    const { gateway } = await start()
    const source = { type: 'url', url: 'http://169.254.169.254/latest/meta-data' }
    const response = await fetch(`${gateway.url}/v1/messages`, {
      method: 'POST',
      body: JSON.stringify({
        model: 'fake',
        max_tokens: 9,
        messages: [{ role: 'user', content: [{ type: 'image', source }] }],
      }),
    })
    expect(response.status).toBe(400)
    const message: unknown = expect.stringContaining('dialects.images.fetch')
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error', message } })
  })
})

describe('what is only an address', () => {
  const inside = 'http://169.254.169.254/latest/meta-data'

  test.for([
    { type: 'image_url', image_url: { url: inside } },
    { type: 'image_url', image_url: inside },
    { image_url: { url: inside } },
    { type: 'image_url', image_url: { url: 'file:///etc/passwd' } },
    { type: 'video_url', video_url: { url: inside } },
    { type: 'audio_url', audio_url: { url: inside } },
  ])('never reaches an engine, which would fetch it: %j', async (part) => {
    const { gateway, engine } = await start()
    for (const path of ['chat/completions', 'embeddings']) {
      const response = await fetch(`${gateway.url}/v1/${path}`, {
        method: 'POST',
        body: JSON.stringify({ model: 'fake', messages: [{ role: 'user', content: [part] }] }),
      })
      expect(response.status).toBe(400)
    }
    expect(engine.requests).toEqual([])
  })

  test('is fetched by the gateway where the operator wants that, once for each address', async () => {
    let fetched = 0
    const { port } = keep(
      await listen(
        createServer((_request, response) => {
          fetched++
          response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from(pngBase64, 'base64'))
        }),
      ),
    )
    const yaml = 'dialects: { images: { fetch: true, private_hosts: [127.0.0.1] } }'
    const { gateway, engine } = await start(yaml)
    const url = `http://127.0.0.1:${port}/dot`
    const response = await postChat(gateway.url, { model: 'fake', messages: [user(url, url)] })
    expect(response.status).toBe(200)
    expect(JSON.parse(String(engine.requests[0]?.body))).toEqual({ model: 'fake', messages: [user(pngUrl, pngUrl)] })
    expect(fetched).toBe(1)

    const source = { type: 'url', url }
    const content = [{ type: 'image', source }]
    const translated = await fetch(`${gateway.url}/v1/messages`, {
      method: 'POST',
      body: JSON.stringify({ model: 'fake', max_tokens: 9, messages: [{ role: 'user', content }] }),
    })
    expect(translated.status).toBe(200)
    expect(String(engine.requests[1]?.body)).toContain(pngUrl)
  })

  test('is not fetched from the network of the gateway, and an old one that is gone is no reason to end', async () => {
    const { gateway, engine } = await start('dialects: { images: { fetch: true } }')
    const url = 'http://127.0.0.1:1/private.png'
    const error = await errorOf(await postChat(gateway.url, { model: 'fake', messages: [user(url)] }))
    expect(error).toMatchObject({ status: 400, code: 'invalid_request' })
    expect(error.message).toContain('no public address')

    const messages = [user(url), { role: 'assistant', content: 'A dot.' }, { role: 'user', content: 'Sure?' }]
    expect((await postChat(gateway.url, { model: 'fake', messages })).status).toBe(200)
    expect(JSON.parse(String(engine.requests[0]?.body))).toMatchObject({
      messages: [{ content: 'What is it?\n[an image that is no longer to be had]' }, {}, { content: 'Sure?' }],
    })
  })
})

test('an image that a tool gives back to a model that sees none is said to it, not refused to the agent', async () => {
  const engine = keep(await startSimulatedEngine({ model: 'blind' }))
  const gateway = keep(await startTestGateway(`backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }`))
  const source = { type: 'base64', media_type: 'image/png', data: pngBase64 }
  const response = await fetch(`${gateway.url}/v1/messages`, {
    method: 'POST',
    body: JSON.stringify({
      model: 'blind',
      max_tokens: 9,
      messages: [
        { role: 'user', content: 'Look at it.' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }] },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'image', source }] }],
        },
      ],
    }),
  })
  expect(response.status).toBe(200)
  const asked = engine.requests.findLast(({ path }) => path === '/v1/chat/completions')
  expect(asked?.text).toContain('[an image, which this model cannot see]')
  expect(asked?.text).not.toContain(pngBase64)
})

test('a conversation with old images goes on with a model that sees none, and says so to it', async () => {
  const engine = keep(await startSimulatedEngine({ model: 'blind' }))
  const gateway = keep(await startTestGateway(`backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }`))
  const error = await errorOf(await postChat(gateway.url, { model: 'blind', messages: [user(pngUrl)] }))
  expect(error).toMatchObject({ status: 400, code: 'invalid_request' })
  expect(error.message).toContain('cannot read images')

  const messages = [user(pngUrl), { role: 'assistant', content: 'A dot.' }, { role: 'user', content: 'Sure?' }]
  expect((await postChat(gateway.url, { model: 'blind', messages })).status).toBe(200)
  const asked = engine.requests.findLast(({ path }) => path === '/v1/chat/completions')
  expect(JSON.parse(asked?.text ?? '')).toMatchObject({
    messages: [{ content: 'What is it?\n[an image, which this model cannot see]' }, {}, { content: 'Sure?' }],
  })
})
