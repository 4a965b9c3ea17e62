import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'

import { listen } from './listen.ts'

/** `"METHOD /path"` → reply; `"POST /api/show name"` for a body that names a model; `"*"` for everything else. */
export type Recording = Readonly<Record<string, RecordedReply>>

export interface RecordedReply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | null>>
  readonly json?: unknown
  readonly text?: string
}

/** A small server that answers as an engine once did, and remembers what it was asked. */
export interface ReplayServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** `"METHOD /path"` in the order they came. */
  readonly asked: readonly string[]
  readonly requests: readonly { readonly headers: IncomingMessage['headers']; readonly body: string }[]
}

export function readRecording(name: string): Recording {
  const file = join(import.meta.dirname, '../fixtures/backends', `${name}.json`)
  return JSON.parse(readFileSync(file, 'utf8')) as Recording
}

export async function startReplayServer(recording: Recording): Promise<ReplayServer> {
  const asked: string[] = []
  const requests: { headers: IncomingMessage['headers']; body: string }[] = []
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const key = `${request.method} ${request.url}`
      asked.push(key)
      requests.push({ headers: request.headers, body })
      reply(response, recording[`${key} ${modelIn(body)}`] ?? recording[key] ?? recording['*'])
    })
  })
  const { port, close } = await listen(server)
  return { url: `http://127.0.0.1:${port}`, port, asked, requests, [Symbol.asyncDispose]: close }
}

function reply(response: ServerResponse, recorded: RecordedReply = { status: 404, text: '' }): void {
  response.statusCode = recorded.status
  for (const [name, value] of Object.entries(recorded.headers ?? {}))
    if (value !== null) response.setHeader(name, value)
  if (recorded.json === undefined) response.end(recorded.text ?? '')
  else response.setHeader('content-type', 'application/json').end(JSON.stringify(recorded.json))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function modelIn(body: string): string {
  try {
    return (JSON.parse(body) as { model?: string }).model ?? ''
  } catch {
    return '' // no body, or none that names a model
  }
}
