import type { Connection, UpstreamRequest } from '../../src/backends/connection.ts'
import type { UpstreamController, UpstreamHandler, UpstreamHeaders } from '../../src/backends/upstream-handler.ts'

export interface CollectedReply {
  readonly status: number
  readonly headers: UpstreamHeaders
  readonly body: string
  /** Set when the request failed, then with what had arrived before. */
  readonly error?: Error
}

interface CollectOptions {
  readonly onStart?: (controller: UpstreamController) => void
  readonly onData?: (controller: UpstreamController, chunk: Buffer) => void
}

/** Sends a request and resolves with whatever became of it. */
export function collectReply(
  connection: Connection,
  request: Partial<UpstreamRequest> = {},
  { onStart, onData }: CollectOptions = {},
): Promise<CollectedReply> {
  return new Promise((resolve) => {
    let status = 0
    let headers: UpstreamHeaders = {}
    let body = ''
    const handler: UpstreamHandler = {
      onRequestStart: (controller) => onStart?.(controller),
      onResponseStart: (_controller, statusCode, given) => {
        status = statusCode
        headers = given
      },
      onResponseData: (controller, chunk) => {
        body += chunk.toString()
        onData?.(controller, chunk)
      },
      onResponseEnd: () => resolve({ status, headers, body }),
      onResponseError: (_controller, error) => resolve({ status, headers, body, error }),
    }
    connection.send({ method: 'POST', path: '/v1/chat/completions', headers: [], body: '{}', ...request }, handler)
  })
}
