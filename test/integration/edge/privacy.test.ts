import { expect, test } from 'vitest'

import { startFakeEngine } from '../../support/fake-engine.ts'
import { chatText, connectRaw } from '../../support/raw-client.ts'
import { startTestGateway } from '../../support/start-gateway.ts'

/** What clients send along that says who they are, what they may, or which conversation this is. */
const telling = {
  authorization: 'Bearer client-key',
  'proxy-authorization': 'Basic cHJveHk6a2V5',
  'x-api-key': 'client-key',
  'api-key': 'client-key',
  'x-goog-api-key': 'client-key',
  cookie: 'session=client',
  'openai-organization': 'org-client',
  'openai-project': 'proj-client',
  'x-conversation-id': 'conversation',
  'session-id': 'session',
  'x-session-id': 'session',
  'x-claude-code-session-id': 'session',
  'x-openwebui-user-email': 'someone@example.org',
  'x-openwebui-chat-id': 'chat',
  'x-llmr-user': 'someone',
  'x-llmr-conversation': 'conversation',
  'x-llmr-principal': 'someone',
  'x-forwarded-for': '10.1.2.3',
  forwarded: 'for=10.1.2.3',
  'x-real-ip': '10.1.2.3',
  'x-stainless-lang': 'js',
  'user-agent': 'client/1.0',
  baggage: 'user=someone',
  'x-request-id': 'of-the-client',
}

const usual = {
  accept: 'application/json',
  'content-type': 'application/json',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  'x-correlation-id': 'correlation',
}

test('what tells who the client is stays here; the engine gets its own credential and a short list (N2.9) (R14)', async () => {
  await using engine = await startFakeEngine(({ response }) =>
    response.setHeader('content-type', 'application/json').end('{}'),
  )
  await using gateway = await startTestGateway(`
    backends:
      fake: { url: "${engine.url}", kind: openai, api_key: own-key-of-the-backend, headers: { x-team: ours } }
  `)
  const client = await connectRaw(gateway.url)
  client.send(chatText({ model: 'fake' }, { ...telling, ...usual }))
  expect((await client.reply()).status).toBe(200)
  client.cut()
  const { headers } = await engine.asked
  const { host, connection, 'content-length': length, ...rest } = headers
  expect([host, connection, length]).not.toContain(undefined)
  expect(rest).toEqual({ ...usual, authorization: 'Bearer own-key-of-the-backend', 'x-team': 'ours' })
})

test('an engine without a key of its own gets none, and its cookies go no further', async () => {
  await using engine = await startFakeEngine(({ response }) =>
    response
      .setHeader('content-type', 'application/json')
      .setHeader('set-cookie', 'engine=1')
      .setHeader('server', 'engine/1.0')
      .setHeader('access-control-allow-origin', '*')
      .end('{}'),
  )
  await using gateway = await startTestGateway(`backends: { fake: { url: "${engine.url}", kind: openai } }`)
  const client = await connectRaw(gateway.url)
  client.send(chatText({ model: 'fake' }, { ...telling, ...usual }))
  const { headers } = await client.reply()
  client.cut()
  expect((await engine.asked).headers).not.toHaveProperty('authorization')
  for (const name of ['set-cookie', 'server', 'access-control-allow-origin']) expect(headers).not.toHaveProperty(name)
})
