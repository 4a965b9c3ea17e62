import { expect } from 'vitest'

import { startFakeEngine } from '../../support/fake-engine.ts'
import { connectRaw, requestText } from '../../support/raw-client.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { failureRow } from './failure-row.ts'

/** Status and code of what is answered to these bytes, after which the connection is closed. */
async function answerTo(bytes: string): Promise<{ status: number; code: unknown }> {
  await using engine = await startFakeEngine(({ response }) => response.end('{}'))
  await using gateway = await startTestGateway(`
    listen: { headers_timeout: 50ms, body_timeout: 50ms }
    backends: { fake: { url: "${engine.url}", kind: openai } }
  `)
  const client = await connectRaw(gateway.url)
  client.send(bytes)
  const reply = await client.reply()
  expect(reply.headers).toMatchObject({ connection: 'close' })
  await client.closed
  expect(engine.requests).toEqual([])
  return { status: reply.status, code: JSON.parse(reply.body.toString()).error.code }
}

const chat = '/v1/chat/completions'

failureRow('request does not arrive in time', async () => {
  const timeout = { status: 408, code: 'request_timeout' }
  expect(await answerTo(`POST ${chat} HTTP/1.1\r\nhost: loc`)).toEqual(timeout)
  expect(await answerTo(requestText({ path: chat, headers: { 'content-length': '1000' }, body: '{' }))).toEqual(timeout)
})

failureRow('headers are too large', async () => {
  const headers = { 'x-metadata': 'x'.repeat(70_000) }
  expect(await answerTo(requestText({ path: chat, headers }))).toEqual({ status: 431, code: 'invalid_request' })
})

failureRow('bytes are no HTTP request', async () => {
  expect(await answerTo('{"model": "a"}\r\n\r\n')).toEqual({ status: 400, code: 'invalid_request' })
})

failureRow('content coding is unknown', async () => {
  const headers = { 'content-encoding': 'snappy', 'content-length': '2', connection: 'close' }
  const answer = await answerTo(requestText({ path: chat, headers, body: '{}' }))
  expect(answer).toEqual({ status: 415, code: 'invalid_request' })
})

failureRow('request asks for a tunnel', async () => {
  const answer = await answerTo('CONNECT example.org:443 HTTP/1.1\r\nhost: example.org:443\r\n\r\n')
  expect(answer).toEqual({ status: 405, code: 'method_not_allowed' })
})
