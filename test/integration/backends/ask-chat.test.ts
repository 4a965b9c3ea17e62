import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'

import { expect, onTestFinished, test } from 'vitest'

import { askChat } from '../../../src/backends/ask-chat.ts'
import { openConnection } from '../../../src/backends/connection.ts'
import { backendSettings, patientLimits } from '../../support/backend-settings.ts'
import { listen } from '../../support/listen.ts'

const deadline = { timeoutMs: 10_000 }
const request = { model: 'm', messages: [{ role: 'user', content: 'hi' }] } as const

async function connectTo(engine: RequestListener) {
  const server = createServer(engine)
  const { port, close } = await listen(server)
  const connection = openConnection(backendSettings({ url: `http://127.0.0.1:${port}` }), patientLimits)
  onTestFinished(async () => {
    await connection.destroy()
    await close()
  })
  return { server, connection }
}

function beginStream(response: ServerResponse, ...events: readonly (object | string)[]): void {
  response.setHeader('content-type', 'text/event-stream')
  for (const event of events) response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`)
}

const token = (content: string): object => ({ choices: [{ index: 0, delta: { content } }] })

test('the answer is put together from the stream, with its first token timed', async () => {
  const { connection } = await connectTo((_request, response) => {
    beginStream(response, token('Hel'), token('lo'), { choices: [{ delta: {}, finish_reason: 'stop' }] }, '[DONE]')
    response.end()
  })
  const answer = await askChat(connection, request, deadline)
  expect(answer).toMatchObject({ text: 'Hello', finishReason: 'stop' })
  expect(answer.firstTokenMs).toBeLessThanOrEqual(answer.totalMs)
})

test('limits, schema and tools are sent in the shape that every engine takes', async () => {
  const bodies: unknown[] = []
  const { connection } = await connectTo((incoming, response) => {
    void readJson(incoming).then((body) => {
      bodies.push(body)
      beginStream(response, '[DONE]')
      response.end()
    })
  })
  const jsonSchema = { type: 'object' }
  const tools = [{ name: 'f', description: 'd', parameters: {} }]
  await askChat(connection, { ...request, maxTokens: 5, temperature: 0, jsonSchema, tools }, deadline)
  expect(bodies).toMatchObject([
    {
      model: 'm',
      stream: true,
      max_tokens: 5,
      temperature: 0,
      response_format: { type: 'json_schema', json_schema: { schema: jsonSchema } },
      tools: [{ type: 'function', function: { name: 'f' } }],
    },
  ])
})

test('a model that wants its limit under the newer name gets it there', async () => {
  const { connection } = await connectTo((incoming, response) => {
    void readJson(incoming).then((body) => {
      if (typeof body === 'object' && body !== null && 'max_tokens' in body) {
        const message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
        response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message } }))
        return
      }
      beginStream(response, token('ok'), '[DONE]')
      response.end()
    })
  })
  expect((await askChat(connection, { ...request, maxTokens: 5 }, deadline)).text).toBe('ok')
})

test('an engine that answers in one piece is understood', async () => {
  const { connection } = await connectTo((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ choices: [{ message: { content: 'whole' }, finish_reason: 'stop' }] }))
  })
  const answer = await askChat(connection, request, deadline)
  expect(answer.text).toBe('whole')
  expect(answer.firstTokenMs).toBeUndefined()
})

test.each<[string, string, RequestListener]>([
  ['a refusal', 'busy', (_request, response) => response.writeHead(429).end('{"error":"busy"}')],
  [
    'a stream without its end marker',
    'died_mid_stream',
    (_request, response) => {
      beginStream(response, token('half'))
      response.end()
    },
  ],
  [
    'an error inside the stream',
    'server_error',
    (_request, response) => {
      beginStream(response, token('half'), { error: { message: 'CUDA out of memory' } }, '[DONE]')
      response.end()
    },
  ],
  ['something else entirely', 'malformed', (_request, response) => response.end('{"hello":1}')],
])('%s is a failure of class %s', async (_what, cause, engine) => {
  const { connection } = await connectTo(engine)
  await expect(askChat(connection, request, deadline)).rejects.toMatchObject({ causeClass: cause })
})

test('a caller that gives up stops the engine and gets its own reason back', async () => {
  const { connection, server } = await connectTo((_request, response) => beginStream(response, token('endless')))
  const gone = nextRequestCut(server)
  const giveUp = new AbortController()
  const reason = new Error('no longer wanted')
  server.once('request', () => giveUp.abort(reason))
  await expect(askChat(connection, request, { ...deadline, signal: giveUp.signal })).rejects.toBe(reason)
  await gone
})

test('an engine that is too slow is a failure of its own, and is stopped', async () => {
  const { connection, server } = await connectTo(() => undefined)
  const gone = nextRequestCut(server)
  await expect(askChat(connection, request, { timeoutMs: 50 })).rejects.toMatchObject({ causeClass: 'slow_first_byte' })
  await gone
})

test('an answer that does not end is cut', async () => {
  const { connection, server } = await connectTo((_request, response) => {
    beginStream(response)
    const more = (): void => {
      while (!response.destroyed && response.write(`data: ${'x'.repeat(60_000)}`));
    }
    response.on('drain', more)
    more()
  })
  const gone = nextRequestCut(server)
  await expect(askChat(connection, request, deadline)).rejects.toMatchObject({ causeClass: 'malformed' })
  await gone
})

/** Resolves when the connection of the next request is closed, politely or not. */
async function nextRequestCut(server: Server): Promise<void> {
  const [incoming] = (await once(server, 'request')) as IncomingMessage[]
  await new Promise((resolve) => incoming!.socket.once('close', resolve))
}

async function readJson(incoming: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of incoming) text += String(chunk)
  return JSON.parse(text)
}
