import { createServer, type RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'

import { expect, onTestFinished, test } from 'vitest'

import { type Connection, openConnection } from '../../../src/backends/connection.ts'
import { backendSettings, patientLimits } from '../../support/backend-settings.ts'
import { collectReply } from '../../support/collect-reply.ts'
import { listen } from '../../support/listen.ts'

/** An engine that treats the first request of a connection in one way, and every later one in another. */
async function connectTo(first: RequestListener, later: RequestListener) {
  const seen = new Set<Socket>()
  const requests: string[] = []
  const server = createServer((request, response) => {
    const isFirst = !seen.has(request.socket)
    seen.add(request.socket)
    requests.push(isFirst ? 'first' : 'later')
    if (isFirst) first(request, response)
    else later(request, response)
  })
  const { port, close } = await listen(server)
  const connection = openConnection(backendSettings({ url: `http://127.0.0.1:${port}` }), patientLimits)
  onTestFinished(async () => {
    await connection.destroy()
    await close()
  })
  return { connection, requests }
}

/** One request, and then the connection is kept for the next. */
async function warmUp(connection: Connection): Promise<void> {
  await collectReply(connection)
  await setImmediate()
}

const serve: RequestListener = (_request, response) => void response.end('ok')
const close: RequestListener = (request) => void request.socket.end()
const reset: RequestListener = (request) => void request.socket.resetAndDestroy()

test.each([
  ['closed', close],
  ['reset', reset],
])('a request that meets a kept connection being %s is served on another', async (_how, crossing) => {
  const { connection, requests } = await connectTo(serve, crossing)
  await warmUp(connection)
  expect(await collectReply(connection)).toMatchObject({ status: 200, body: 'ok' })
  expect(requests).toEqual(['first', 'later', 'first'])
})

test('a request that makes the engine close a fresh connection is not repeated: it may be what crashes it', async () => {
  const { connection, requests } = await connectTo(reset, serve)
  expect((await collectReply(connection)).error).toMatchObject({ code: 'ECONNRESET' })
  expect(requests).toEqual(['first'])
})

test('a reply that has begun is not asked for again', async () => {
  const { connection, requests } = await connectTo(serve, (request, response) => {
    response.write('half', () => request.socket.resetAndDestroy())
  })
  await warmUp(connection)
  expect((await collectReply(connection)).error).toBeInstanceOf(Error)
  expect(requests).toEqual(['first', 'later'])
})

test('a request is repeated once and no more', async () => {
  let isWarm = false
  const { connection, requests } = await connectTo((request, response) => {
    if (isWarm) reset(request, response)
    else serve(request, response)
  }, reset)
  await warmUp(connection)
  isWarm = true
  expect((await collectReply(connection)).error).toBeInstanceOf(Error)
  expect(requests).toEqual(['first', 'later', 'first'])
})

test('an aborted request is not repeated', async () => {
  const reason = new Error('the client left')
  const { connection, requests } = await connectTo(serve, () => undefined)
  await warmUp(connection)
  const reply = await collectReply(
    connection,
    {},
    { onStart: (controller) => process.nextTick(() => controller.abort(reason)) },
  )
  expect(reply.error).toBe(reason)
  expect(requests.filter((request) => request === 'first')).toHaveLength(1)
})
