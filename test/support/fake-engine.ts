import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'

import { listen } from './listen.ts'

/** One request as the engine got it. */
export interface EngineRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** The very bytes. */
  readonly body: Buffer
  readonly response: ServerResponse
  /** Settles when the reply has ended: sent whole, or left by whoever asked. */
  readonly outcome: Promise<'answered' | 'abandoned'>
}

/** An engine of kind `openai` that a test plays itself, down to the single write. Its model is called `fake`. */
export interface FakeEngine extends AsyncDisposable {
  readonly url: string
  /** Everything but the questions for its models. */
  readonly requests: readonly EngineRequest[]
  /** The first request, past or future. */
  readonly asked: Promise<EngineRequest>
}

export async function startFakeEngine(answer: (request: EngineRequest) => unknown): Promise<FakeEngine> {
  const requests: EngineRequest[] = []
  const asked = Promise.withResolvers<EngineRequest>()
  const server = createServer((incoming, response) => {
    if (incoming.url === '/v1/models') {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ object: 'list', data: [{ id: 'fake', object: 'model' }] }))
      return
    }
    const outcome = Promise.withResolvers<'answered' | 'abandoned'>()
    response.on('close', () => outcome.resolve(response.writableFinished ? 'answered' : 'abandoned'))
    response.on('error', () => undefined)
    const chunks: Buffer[] = []
    incoming.on('error', () => undefined)
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const { method = '', url: path = '', headers } = incoming
      const request = { method, path, headers, body: Buffer.concat(chunks), response, outcome: outcome.promise }
      requests.push(request)
      asked.resolve(request)
      answer(request)
    })
  })
  const { port, close } = await listen(server)
  return { url: `http://127.0.0.1:${port}`, requests, asked: asked.promise, [Symbol.asyncDispose]: close }
}

/** A stream of events, written in these pieces: each arrives as a chunk of its own. */
export function streamPieces({ response }: EngineRequest, pieces: readonly (string | Buffer)[]): void {
  beginStream(response)
  for (const piece of pieces) response.write(piece)
  response.end()
}

export function beginStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
}

/** A chat chunk of this text as an event. */
export function chatEvent(content: string): string {
  const choices = [{ index: 0, delta: { content }, finish_reason: null }]
  return `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'fake', choices })}\n\n`
}

/** The events with which a chat stream ends. */
export const chatEnd =
  'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"fake",' +
  '"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
