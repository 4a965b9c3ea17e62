import { Buffer } from 'node:buffer'
import type { IncomingMessage } from 'node:http'

import { EngineError } from './engine-error.ts'
import type { ReceivedRequest, RequestOutcome } from './request-log.ts'

const bodyMaxBytes = 64 * 2 ** 20

/**
 * Reads a request to its end.
 *
 * @throws EngineError 413 when the body is larger than 64 MiB, or the socket's error when the client leaves meanwhile.
 */
export async function readRequest(
  incoming: IncomingMessage,
  outcome: Promise<RequestOutcome>,
): Promise<ReceivedRequest> {
  const { pathname, searchParams } = new URL(`http://engine${incoming.url ?? '/'}`)
  const text = await readText(incoming)
  return {
    method: incoming.method ?? 'GET',
    path: pathname,
    query: searchParams,
    headers: incoming.headers,
    body: parseBody(text),
    text,
    outcome,
  }
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  // Not destroyed when the body is refused, or there would be no connection to say so.
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    const bytes: Buffer = Buffer.from(chunk)
    length += bytes.length
    if (length > bodyMaxBytes) {
      throw new EngineError({ status: 413, type: 'invalid_request_error', message: 'Payload Too Large' })
    }
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString()
}

function parseBody(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text // the endpoint decides whether JSON was needed
  }
}
