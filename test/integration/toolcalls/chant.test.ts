import { request } from 'node:http'

import { expect, test } from 'vitest'

import { at, textAt } from '../../../src/core/foreign-json.ts'
import type { Script } from '../../../src/sim/engine-options.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { eventsOf } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'

const keep = closeAfterEach()

async function start(script: Script, options: { trust?: string; toolcalls?: string } = {}) {
  const engine = keep(
    await startSimulatedEngine({
      model: 'm',
      script: ({ path }) => (path === '/v1/chat/completions' ? script : undefined),
    }),
  )
  const gateway = keep(
    await startTestGateway(`
      backends: { gpu: { url: "${engine.url}", kind: llama.cpp, trust: ${options.trust ?? 'local'}, max_concurrent: 1 } }
      toolcalls: ${options.toolcalls ?? '{}'}
    `),
  )
  const post = (body: object, headers: Readonly<Record<string, string>> = {}, path = '/v1/chat/completions') =>
    fetch(gateway.url + path, {
      method: 'POST',
      headers,
      body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Go on.' }], ...body }),
    })
  return { engine, gateway, post }
}

const unit = 'I will now read the file again. '

/** Never comes to its end by itself. */
const endless: Script = {
  content: Array.from({ length: 60 }, () => unit),
  beforePiece: (piece) => (piece > 40 ? new Promise<void>(() => undefined) : undefined),
}

test('a stream that says one thing over and over is ended as if it were done, and the engine is stopped', async () => {
  const { post, gateway } = await start(endless)
  const response = await post({ stream_options: { include_usage: true } })
  const events = await eventsOf(response)
  expect(events.at(-1)).toBe('[DONE]')
  expect(at(events.at(-2), 'usage')).toMatchObject({ completion_tokens: expect.any(Number) })
  expect(events.at(-3)).toMatchObject({
    id: textAt(events[0], 'id'),
    choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
  })
  // The script never comes to its end: that the place is free again means that the engine was left.
  const again = await post({})
  await again.text()
  expect(again.status).toBe(200)
  expect(await gateway.logged(({ intervention }) => intervention === 'content-loop')).toMatchObject({
    request_id: response.headers.get('x-request-id'),
    detail: `${unit.length} characters, 16 times`,
  })
  const id = response.headers.get('x-request-id')
  const known = await (await fetch(`${gateway.url}/llmr/v1/requests?id=${id}`)).text()
  expect(known).toMatch(/"event":"content-loop".*"event":"finished"/)
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).toContain('kind="content-loop"')
})

test('behind the last byte a trailer says what was done', async () => {
  const { gateway } = await start(endless)
  const trailers = await new Promise<object>((resolve, reject) => {
    const asked = request(`${gateway.url}/v1/chat/completions`, { method: 'POST' }, (response) => {
      response.on('end', () => resolve(response.trailers)).resume()
    })
    asked
      .on('error', reject)
      .end(JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Go on.' }] }))
  })
  expect(trailers).toEqual({ 'x-llmr-guard': 'content-loop' })
})

test('the same for a stream that is said in another dialect', async () => {
  const { post } = await start(endless)
  const text = await (await post({ max_tokens: 4000 }, {}, '/v1/messages')).text()
  expect(text).toContain('"stop_reason":"end_turn"')
  expect(text).toContain('message_stop')
})

test('thoughts that go round in circles are cut as well', async () => {
  const { post } = await start({ reasoning: unit.repeat(80), content: 'The end.' })
  const text = await (await post({})).text()
  expect(text).not.toContain('The end.')
  expect(text).toContain('"finish_reason":"stop"')
  expect(text).toContain('[DONE]')
})

test.each([
  ['code', { content: `\`\`\`\n${'expect(read()).toBe(1)\n'.repeat(60)}\`\`\`\nThe end.` }, {}],
  ['a table', { content: `| a | b |\n${'| yes | no |\n'.repeat(80)}\nThe end.` }, {}],
  [
    'what the user asked for',
    { content: `${unit.repeat(40)}The end.` },
    { messages: [{ role: 'user', content: `Write "${unit.trim()}" forty times, then say that it is the end.` }] },
  ],
  [
    'a reply whose shape was asked for',
    { content: `${unit.repeat(40)}The end.` },
    { response_format: { type: 'json_object' } },
  ],
])('%s is left alone', async (_, script, body) => {
  const { post } = await start(script)
  const said = (await eventsOf(await post(body))).map((event) => textAt(event, 'choices', 0, 'delta', 'content') ?? '')
  expect(said.join('')).toBe(script.content)
})

const chant: Script = { content: `${unit.repeat(40)}The end.` }

test.each([
  ['it is switched off', { toolcalls: '{ cut_chants: false }' }, {}],
  ['the request wants nothing changed', {}, { 'x-llmr-guard': 'off' }],
  ['another gateway listens', {}, { 'x-llmr-hop': 'front' }],
  ['the engine is a cloud', { trust: 'cloud' }, {}],
])('bytes pass as they come where %s', async (_, options, headers) => {
  const { post } = await start(chant, options)
  expect(await (await post({}, headers)).text()).toContain('end')
})
