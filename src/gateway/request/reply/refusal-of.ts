import { secretsOf } from '../../../backends/call.ts'
import type { Connection, UpstreamRequest } from '../../../backends/connection.ts'
import type { UpstreamHeaders } from '../../../backends/upstream-handler.ts'
import { type BackendFailure, failureFromStatus } from '../../../backends/failure.ts'

/** What a backend meant that did not serve a request; its body whole, or the first of it. */
export function refusalOf(parts: {
  readonly connection: Connection
  readonly request: UpstreamRequest
  readonly url: string
  readonly status: number
  readonly headers: UpstreamHeaders
  readonly body: Buffer
}): BackendFailure {
  const { connection, request, url, status, headers, body } = parts
  return failureFromStatus({
    url,
    status,
    headers,
    bodyText: body.toString(),
    requestText: request.body?.toString() ?? '',
    secrets: secretsOf(connection.settings),
  })
}
