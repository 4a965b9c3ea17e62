import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

import { type HttpReply, parseHttpReply } from './parse-http-reply.ts'

/** A connection on which a test says byte for byte what is sent, and sees byte for byte what comes. */
export interface RawClient {
  readonly socket: Socket
  send(bytes: string | Buffer): void
  /** The next reply, interim ones (status below 200) left out. Rejects when the connection ends before one began. */
  reply(method?: string): Promise<HttpReply>
  /** Everything received and not yet taken by `reply`, as soon as it holds the text. Rejects when the connection ends before. */
  until(text: string): Promise<string>
  /** What was received and not taken, once the other side has closed the connection. */
  readonly closed: Promise<Buffer>
  /** Breaks the connection off, as a client does that was killed. */
  cut(): void
}

export async function connectRaw(url: string): Promise<RawClient> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  // Joined only when somebody looks: there may be megabytes.
  let chunks: Buffer[] = []
  const received = (): Buffer => {
    const all = Buffer.concat(chunks)
    chunks = [all]
    return all
  }
  let isClosed = false
  let wake = Promise.withResolvers<void>()
  const notice = (): void => {
    wake.resolve()
    wake = Promise.withResolvers()
  }
  const closing = Promise.withResolvers<Buffer>()
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    notice()
  })
  // `close` follows every error, and is what counts: to be cut is one of the things that are looked at.
  socket.on('error', () => undefined)
  socket.on('close', () => {
    isClosed = true
    closing.resolve(received())
    notice()
  })

  const nextReply = async (method: string): Promise<HttpReply> => {
    for (;;) {
      const parsed = parseHttpReply(received(), { isClosed, method })
      if (parsed !== undefined) {
        chunks = [parsed.rest]
        if (parsed.reply.status >= 200) return parsed.reply
        continue
      }
      if (isClosed) throw new Error('the connection ended without a reply')
      await wake.promise
    }
  }

  return {
    socket,
    send: (bytes) => socket.write(bytes),
    reply: (method = 'GET') => nextReply(method),
    until: async (text) => {
      while (!received().includes(text)) {
        if (isClosed) throw new Error(`the connection ended before "${text}" came: ${received().toString('latin1')}`)
        await wake.promise
      }
      return received().toString()
    },
    closed: closing.promise,
    cut: () => socket.resetAndDestroy(),
  }
}

/** A request as text: what is not given is left out, and a body gets its length. */
export function requestText(request: {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}): string {
  const { method = 'POST', path, headers = {}, body } = request
  const all = {
    host: 'localhost',
    ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return `${[`${method} ${path} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n${body ?? ''}`
}

export function chatText(
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): string {
  return requestText({
    path: '/v1/chat/completions',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'hi' }], ...body }),
  })
}
