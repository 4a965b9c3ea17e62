import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { Pool } from 'undici'
import type { Dispatcher } from 'undici'

import { answerCalls } from './program-channel.ts'

// A program: the least that a proxy for chat requests can do in Node. It reads the body, parses it for the model's name,
// pipes the reply both ways with backpressure, and cancels upstream when its client leaves. No routing, no keys, no
// limits, no metrics, no log, no errors in anybody's dialect. What llmr needs beyond this is the price of its features.

let pool: Pool | undefined

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
    if (modelOf(body) === undefined) {
      response.writeHead(400).end()
      return
    }
    const headers = ['content-type', request.headers['content-type'] ?? 'application/json']
    pool?.dispatch({ method: 'POST', path: request.url ?? '/', headers, body }, relay(response))
  })
})
server.keepAliveTimeout = 0
process.once('SIGTERM', () => process.exit()) // an end that still writes a CPU profile

answerCalls({
  listen: (backend: { readonly url: string }) => {
    pool = new Pool(backend.url, { pipelining: 1 })
    return new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
    })
  },
})

function modelOf(body: Buffer): string | undefined {
  const { model }: { model?: unknown } = JSON.parse(body.toString())
  return typeof model === 'string' ? model : undefined
}

function relay(response: ServerResponse): Dispatcher.DispatchHandler {
  return {
    onRequestStart(controller) {
      response.on('drain', () => controller.resume())
      response.on('close', () => {
        if (!response.writableFinished) controller.abort(new Error('The client left.'))
      })
    },
    onResponseStart(_controller, status, headers) {
      const { connection: _connection, 'transfer-encoding': _coding, 'keep-alive': _keepAlive, ...rest } = headers
      response.writeHead(status, rest)
    },
    onResponseData(controller, chunk) {
      if (!response.write(chunk)) controller.pause()
    },
    onResponseEnd() {
      response.end()
    },
    onResponseError() {
      if (response.headersSent) response.destroy()
      else response.writeHead(502).end()
    },
  }
}
