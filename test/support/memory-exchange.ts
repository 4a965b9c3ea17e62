import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

import type { Principal } from '../../src/core/principal.ts'
import type { RequestRecord } from '../../src/core/request-record.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { openaiChatDialect } from '../../src/dialects/openai/openai-dialect.ts'
import { Exchange } from '../../src/http/exchange.ts'
import { type HttpReply, parseHttpReply } from './parse-http-reply.ts'
import { requestRecord } from './request-record.ts'

export interface MemoryExchange {
  readonly exchange: Exchange
  readonly request: IncomingMessage
  /** Everything written to the client so far; what is written in pieces goes out at the next turn of the event loop. */
  readonly written: () => string
  /** The reply as a client reads it that closes now. */
  readonly reply: () => HttpReply
  /** Lets the client take what is written from now on, if it did not. */
  readonly take: () => void
}

/** An exchange whose client is this test: what is written is kept, and nothing goes over a socket. */
export function memoryExchange(
  options: {
    readonly method?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly record?: Partial<RequestRecord>
    readonly principal?: Principal
    readonly dialect?: Dialect
    readonly monotonic?: () => number
    /** The client takes nothing until it is told to. */
    readonly isStuck?: boolean
    /** The request's body is still to come. */
    readonly isUnread?: boolean
    readonly address?: string
    readonly isEncrypted?: boolean
  } = {},
): MemoryExchange {
  const { method = 'POST', headers = {}, monotonic = () => 0, isStuck = false, isUnread = false } = options
  const chunks: Buffer[] = []
  let isTaking = !isStuck
  let goOn: (() => void) | undefined
  const wire = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, done) => {
      chunks.push(Buffer.from(chunk))
      if (isTaking) done()
      else goOn = done
    },
  })
  Object.assign(wire, {
    remoteAddress: options.address ?? '127.0.0.1',
    ...(options.isEncrypted === true && { encrypted: true }),
    setTimeout: () => wire,
    destroySoon: () => wire.destroy(),
  })
  const request = new IncomingMessage(wire as unknown as Socket)
  Object.assign(request, { method, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1, complete: !isUnread })
  request.headers = { host: 'localhost', ...headers }
  const response = new ServerResponse(request)
  response.assignSocket(wire as unknown as Socket)
  wire.on('drain', () => response.emit('drain')) // which Node's server does
  const exchange = new Exchange({
    request,
    response,
    record: requestRecord({ status: 0, responseBytes: 0, durationMs: 0, method, ...options.record }),
    query: '',
    dialect: options.dialect ?? openaiChatDialect,
    monotonic,
    bodyLimits: { maxBytes: 1024 },
    slowClientTimeoutMs: 60_000,
  })
  exchange.principal = options.principal
  response.once('close', () => exchange.close())
  const written = (): Buffer => Buffer.concat(chunks)
  return {
    exchange,
    request,
    written: () => written().toString('latin1'),
    reply: () => {
      const parsed = parseHttpReply(written(), { isClosed: true, method })
      if (parsed === undefined) throw new Error('nothing was written')
      return parsed.reply
    },
    take: () => {
      isTaking = true
      goOn?.()
    },
  }
}
