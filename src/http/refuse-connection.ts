import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

import { LlmrError } from '../core/error.ts'
import { openaiDialect } from '../dialects/openai/openai-dialect.ts'
import type { Exchange } from './exchange.ts'

/**
 * Answers bytes that are no request, or one that never becomes whole. While a request is still being read the failure is
 * its own. A reply that is half on the wire is cut, because whatever followed would be read as part of it.
 */
export function refuseUnparsable(parts: {
  error: Error & { code?: string }
  socket: Duplex
  open: Iterable<Exchange>
  headersMaxBytes: number
}): void {
  const { error, socket, open, headersMaxBytes } = parts
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const failure = failureOf(error.code, headersMaxBytes)
  const [exchange, next] = [...open].filter(({ request }) => request.socket === socket)
  if (exchange === undefined || (exchange.response.writableEnded && next === undefined)) {
    refuse(socket, failure)
  } else if (exchange.hasBegun || next !== undefined) {
    socket.destroy()
  } else {
    exchange.failLast(failure)
  }
}

/** CONNECT asks for a proxy. */
export function refuseTunnel(socket: Duplex): void {
  refuse(socket, new LlmrError('method_not_allowed', 'llmr is no proxy: CONNECT is not supported.'))
}

function failureOf(code: string | undefined, headersMaxBytes: number): LlmrError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new LlmrError('invalid_request', `The request headers are larger than ${headersMaxBytes / 1024} KiB.`, {
        status: 431,
      })
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new LlmrError('request_timeout', 'The request did not arrive in time.')
    default:
      return new LlmrError('invalid_request', 'This is not a valid HTTP/1.1 request.')
  }
}

/** How long a client may keep its own side open afterwards. */
const lingerMs = 1_000

/** There is no exchange, so no ids and no dialect: the shape that most clients read. */
function refuse(socket: Duplex, failure: LlmrError): void {
  const { status } = failure
  const body = openaiDialect.writeError(failure, { requestId: '', correlationId: '' })
  // It may be gone before the last byte, and nobody waits for it.
  socket.on('error', () => undefined)
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json\r\nconnection: close\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
  // The server no longer counts it among its connections, but would wait for it when it closes.
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  socket.on('close', () => clearTimeout(timer)).resume()
}
