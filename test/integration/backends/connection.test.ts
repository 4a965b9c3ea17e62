import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { setImmediate } from 'node:timers/promises'

import { expect, onTestFinished, test } from 'vitest'

import { type Connection, type ConnectionLimits, openConnection } from '../../../src/backends/connection.ts'
import type { UpstreamController } from '../../../src/backends/upstream-handler.ts'
import type { BackendSettings } from '../../../src/core/backend.ts'
import { backendSettings, patientLimits } from '../../support/backend-settings.ts'
import { collectReply } from '../../support/collect-reply.ts'
import { listen } from '../../support/listen.ts'

interface Options {
  readonly settings?: Partial<BackendSettings>
  readonly limits?: Partial<ConnectionLimits>
  readonly path?: string
}

async function connectTo(engine: RequestListener, { settings, limits, path = '' }: Options = {}) {
  const server = createServer(engine)
  const { port, close } = await listen(server)
  const connection = openConnection(backendSettings({ url: `http://127.0.0.1:${port}${path}`, ...settings }), {
    ...patientLimits,
    ...limits,
  })
  onTestFinished(async () => {
    await connection.destroy()
    await close()
  })
  return { server, connection }
}

const echoRequest: RequestListener = (request, response) => {
  response.end(JSON.stringify({ path: request.url, headers: request.headers }))
}

async function echoed(connection: Connection, headers: readonly string[] = []) {
  const { body } = await collectReply(connection, { headers })
  return JSON.parse(body) as { path: string; headers: IncomingMessage['headers'] }
}

test('the path of the base address is put before the path of the request', async () => {
  const { connection } = await connectTo(echoRequest, { path: '/openai/' })
  expect((await echoed(connection)).path).toBe('/openai/v1/chat/completions')
})

test("the backend's own key and headers are sent, and win over what was handed in", async () => {
  const { connection } = await connectTo(echoRequest, {
    settings: { apiKey: 'backend-key', headers: { 'X-Team': 'ours' } },
  })
  const { headers } = await echoed(connection, ['authorization', 'Bearer client-key', 'x-team', 'theirs', 'x-a', '1'])
  expect(headers).toMatchObject({ authorization: 'Bearer backend-key', 'x-team': 'ours', 'x-a': '1' })
})

test('a client key never reaches a backend that has no key of its own (N2.9)', async () => {
  const { connection } = await connectTo(echoRequest)
  const { headers } = await echoed(connection, ['authorization', 'Bearer client-key'])
  expect(headers.authorization).toBeUndefined()
})

test('requests one after the other share a connection, requests at the same time do not', async () => {
  const ports: (number | undefined)[] = []
  const waiting: (() => void)[] = []
  const { connection } = await connectTo((request, response) => {
    ports.push(request.socket.remotePort)
    if (request.url === '/wait') waiting.push(() => response.end())
    else response.end()
    if (waiting.length === 2) for (const answer of waiting) answer()
  })
  await collectReply(connection)
  // The client takes a connection back one turn of the event loop after its reply.
  await setImmediate()
  await collectReply(connection)
  expect(ports[0]).toBe(ports[1])
  await Promise.all([collectReply(connection, { path: '/wait' }), collectReply(connection, { path: '/wait' })])
  expect(ports[2]).not.toBe(ports[3])
})

test('an aborted request is cut at once and its reason comes back', async () => {
  const reason = new Error('the client left')
  const { connection, server } = await connectTo((_request, response) => void response.write('first'))
  const cut = once(server, 'request').then(([request]: IncomingMessage[]) => once(request!.socket, 'close'))
  const reply = await collectReply(connection, {}, { onData: (controller) => controller.abort(reason) })
  expect(reply).toMatchObject({ body: 'first', error: reason })
  await cut
})

test('a paused reader is given nothing until it resumes', async () => {
  const { connection } = await connectTo((_request, response) => {
    response.write('first')
    process.nextTick(() => response.end('second'))
  })
  const seen: string[] = []
  let controller: UpstreamController | undefined
  const paused = Promise.withResolvers<void>()
  const reply = collectReply(
    connection,
    {},
    {
      onData: (given, chunk) => {
        seen.push(chunk.toString())
        if (controller !== undefined) return
        controller = given
        given.pause()
        paused.resolve()
      },
    },
  )
  await paused.promise
  // The second chunk has been sent by now; a request on another connection has gone there and back.
  await collectReply(connection, { path: '/other' }, { onData: (given) => given.abort(new Error('enough')) })
  expect(seen).toEqual(['first'])
  controller?.resume()
  expect(await reply).toMatchObject({ body: 'firstsecond' })
})

test('close waits for the reply in hand, refuses new requests, and may be called again', async () => {
  let answer: (() => void) | undefined
  const arrived = Promise.withResolvers<void>()
  const { connection } = await connectTo((_request, response) => {
    answer = () => response.end('whole')
    arrived.resolve()
  })
  const reply = collectReply(connection)
  await arrived.promise
  const closing = connection.close()
  expect((await collectReply(connection)).error).toMatchObject({ code: 'UND_ERR_CLOSED' })
  answer?.()
  await closing
  expect(await reply).toMatchObject({ status: 200, body: 'whole' })
  await connection.close()
})

test('destroy cuts the reply in hand, also while closing, and may be called again', async () => {
  const arrived = Promise.withResolvers<void>()
  const { connection } = await connectTo(() => arrived.resolve())
  const reply = collectReply(connection)
  await arrived.promise
  const closing = connection.close()
  await connection.destroy()
  expect((await reply).error).toBeInstanceOf(Error)
  await Promise.all([closing, connection.destroy(), connection.close()])
  expect((await collectReply(connection)).error).toMatchObject({ code: 'UND_ERR_DESTROYED' })
})

test('a header that would break the request fails that request and nothing else', async () => {
  const { connection } = await connectTo(echoRequest)
  expect((await collectReply(connection, { headers: ['x-a', 'line\r\nbreak'] })).error).toBeInstanceOf(Error)
  expect((await collectReply(connection)).status).toBe(200)
})

test('an authority that cannot be read is reported with its file', () => {
  const tls = { ca: '/nowhere/ca.pem', insecure: false }
  expect(() => openConnection(backendSettings({ url: 'https://127.0.0.1:1', tls }), patientLimits)).toThrow(
    /\/nowhere\/ca\.pem/,
  )
})
