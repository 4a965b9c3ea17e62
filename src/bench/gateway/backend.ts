import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { benchModels, chatCompletion, pacedIntervalMs, streamEvents } from './canned-replies.ts'
import type { BenchModel } from './canned-replies.ts'
import { answerCalls } from './program-channel.ts'

// A program: an OpenAI-compatible server that does next to nothing, so that what is measured is what stands before it.

const completion = chatCompletion('bench-json')
const burst = streamEvents('bench-burst')
const paced = streamEvents('bench-paced')

const server = createServer((request, response) => {
  if (request.method === 'GET') return answerGet(request, response)
  let model: BenchModel | undefined
  request.on('data', (chunk: Buffer) => {
    model ??= modelIn(chunk)
  })
  request.on('end', () => reply(response, model))
})
server.keepAliveTimeout = 0
server.requestTimeout = 0

answerCalls({
  listen: () =>
    new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
    }),
})

/** The name stands near the beginning of the body, as clients write it. */
function modelIn(chunk: Buffer): BenchModel | undefined {
  const [name] = /bench-[a-z]+/.exec(chunk.toString('latin1', 0, 1024)) ?? []
  return benchModels.find((model) => model === name)
}

function reply(response: ServerResponse, model: BenchModel | undefined): void {
  switch (model) {
    case 'bench-json':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': completion.length })
      response.end(completion)
      return
    case 'bench-burst':
      startStream(response)
      for (const event of burst) response.write(event)
      response.end()
      return
    case 'bench-paced':
      startStream(response)
      pace(response)
      return
    case 'bench-idle':
      startStream(response)
      response.write(burst[0])
      return
    case undefined:
      response.writeHead(404, { 'content-type': 'application/json' })
      response.end('{"error":{"message":"no such model","code":"model_not_found"}}')
  }
}

function startStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
}

function pace(response: ServerResponse): void {
  let next = 0
  const timer = setInterval(() => {
    response.write(paced[next])
    next += 1
    if (next < paced.length) return
    clearInterval(timer)
    response.end()
  }, pacedIntervalMs)
  response.on('close', () => clearInterval(timer))
}

function answerGet(request: IncomingMessage, response: ServerResponse): void {
  const isList = request.url === '/v1/models'
  const list = {
    object: 'list',
    data: benchModels.map((id) => ({ id, object: 'model', created: 0, owned_by: 'bench' })),
  }
  response.writeHead(isList ? 200 : 404, { 'content-type': 'application/json' })
  response.end(JSON.stringify(isList ? list : { error: { message: 'not found' } }))
}
