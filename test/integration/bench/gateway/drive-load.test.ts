import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { expect, onTestFinished, test } from 'vitest'

import { driveLoad } from '../../../../src/bench/gateway/drive-load.ts'
import type { LoadShape } from '../../../../src/bench/gateway/drive-load.ts'

async function portOf(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => answer(request, response))
  })
  server.listen(0, '127.0.0.1')
  onTestFinished(() => server.close().closeAllConnections())
  await new Promise((resolve) => server.once('listening', resolve))
  return (server.address() as AddressInfo).port
}

function drive(port: number, shape: LoadShape) {
  return driveLoad({ port, path: '/v1/chat/completions', headers: { authorization: 'Bearer x' }, body: '{}', shape })
}

test('a number of requests is sent exactly, over as many connections as there are clients', async () => {
  const ports = new Set<number | undefined>()
  let answered = 0
  const port = await portOf((request, response) => {
    ports.add(request.socket.remotePort)
    answered += 1
    response.end('{"a":1}')
  })
  const result = await drive(port, { kind: 'counted', clients: 4, requests: 101 })
  expect(result).toMatchObject({ requests: 101, failures: 0, events: 0 })
  expect(answered).toBe(101)
  expect(ports.size).toBe(4)
  expect(result.totalMs.max).toBeGreaterThanOrEqual(result.totalMs.p50)
})

test('the events of streams are counted, whether they come at once or one by one', async () => {
  const port = await portOf((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const events = Array.from({ length: 20 }, (_, index) => `data: {"n":${index}}\n\n`)
    if (request.socket.bytesRead % 2 === 0) {
      for (const event of events) response.write(event)
      response.end()
      return
    }
    const writeNext = (): void => {
      const event = events.shift()
      if (event === undefined) response.end()
      else response.write(event, () => setImmediate(writeNext))
    }
    writeNext()
  })
  expect(await drive(port, { kind: 'counted', clients: 3, requests: 30 })).toMatchObject({ requests: 30, events: 600 })
})

test('other replies than 200 and broken connections are failures, and do not stop the others', async () => {
  let count = 0
  const port = await portOf((request, response) => {
    count += 1
    if (count % 3 === 1) response.writeHead(500).end('no')
    else if (count % 3 === 2) request.socket.destroy()
    else response.end('{}')
  })
  const result = await drive(port, { kind: 'counted', clients: 1, requests: 30 })
  expect(result).toMatchObject({ requests: 10, failures: 20, firstFailure: 'status 500' })
})

test('a server that only fails is given up on', async () => {
  const port = await portOf((_request, response) => response.writeHead(503).end())
  const result = await drive(port, { kind: 'counted', clients: 8, requests: 1_000_000 })
  expect(result.requests).toBe(0)
  expect(result.failures).toBeLessThan(1100)
})

test('in an open loop requests start on time, whether or not others were answered', async () => {
  const waiting: ServerResponse[] = []
  const port = await portOf((_request, response) => {
    waiting.push(response)
    // No reply before the last request has come: a closed loop would wait for ever.
    if (waiting.length === 20) for (const one of waiting) one.end('{}')
  })
  expect(await drive(port, { kind: 'open', perSecond: 200, durationMs: 100 })).toMatchObject({
    requests: 20,
    failures: 0,
  })
})
