import { createServer, type RequestListener } from 'node:http'

import { expect, onTestFinished, test } from 'vitest'

import { call, expectJson } from '../../../src/backends/call.ts'
import { openConnection } from '../../../src/backends/connection.ts'
import type { BackendSettings } from '../../../src/core/backend.ts'
import { backendSettings, patientLimits } from '../../support/backend-settings.ts'
import { listen } from '../../support/listen.ts'

async function connectTo(engine: RequestListener, settings: Partial<BackendSettings> = {}) {
  const server = createServer(engine)
  const { port, close } = await listen(server)
  const connection = openConnection(backendSettings({ url: `http://127.0.0.1:${port}`, ...settings }), patientLimits)
  onTestFinished(async () => {
    await connection.destroy()
    await close()
  })
  return { server, connection }
}

const question = { method: 'GET', path: '/v1/models', signal: new AbortController().signal } as const

test('an answer is given whatever its status, and JSON is read where it is some', async () => {
  const { connection } = await connectTo((request, response) => {
    response.writeHead(request.method === 'POST' ? 418 : 200).end(request.method === 'POST' ? 'tea' : '{"a":1}')
  })
  expect(await call(connection, question)).toMatchObject({ status: 200, json: { a: 1 } })
  expect(await call(connection, { ...question, method: 'POST', json: {} })).toMatchObject({ status: 418, text: 'tea' })
})

test('a refusal that repeats the configured key does not carry it into a message', async () => {
  const engine: RequestListener = (request, response) => {
    response.writeHead(401).end(JSON.stringify({ error: `wrong key: ${request.headers.authorization?.slice(7)}` }))
  }
  const { connection } = await connectTo(engine, { apiKey: 'open sesame, please' })
  const reply = await call(connection, question)
  expect(() => expectJson(connection, reply)).toThrow(/wrong key: \[masked\]/)
})

test('an answer that does not end is cut', async () => {
  const { connection } = await connectTo((_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(1024 * 1024)));
    }
    response.on('drain', more)
    more()
  })
  await expect(call(connection, question)).rejects.toMatchObject({ causeClass: 'malformed' })
})

test('a deadline that passes before the first byte is the slowness of the backend', async () => {
  const { connection, server } = await connectTo(() => undefined)
  const timeout = new AbortController()
  server.once('request', () => timeout.abort(new DOMException('too slow', 'TimeoutError')))
  await expect(call(connection, { ...question, signal: timeout.signal })).rejects.toMatchObject({
    causeClass: 'slow_first_byte',
  })
})
