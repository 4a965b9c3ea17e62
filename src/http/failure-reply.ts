import type { LlmrError } from '../core/error.ts'
import type { RequestRecord } from '../core/request-record.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { preferredErrorShape } from './error-shape.ts'

/** What clients are told at most: a longer Retry-After puts an interactive client to sleep. */
const retryAfterMaxSeconds = 30

/** A failure as a whole reply: in the client's own dialect, or as a page or a line for people. */
export function failureReply(
  error: LlmrError,
  client: { readonly accept: string | undefined; readonly dialect: Dialect; readonly record: RequestRecord },
): { readonly headers: readonly string[]; readonly body: string } {
  const shape = preferredErrorShape(client.accept)
  return {
    headers: ['content-type', shape?.contentType ?? 'application/json', ...adviceHeaders(error)],
    body: shape?.write(error) ?? client.dialect.writeError(error, client.record),
  }
}

/** When to come back, if at all. */
function adviceHeaders({ facts }: LlmrError): string[] {
  const headers = Object.entries(facts.headers ?? {}).flat()
  if (facts.retryAfterSeconds !== undefined) {
    const seconds = Math.min(retryAfterMaxSeconds, Math.max(1, Math.ceil(facts.retryAfterSeconds)))
    headers.push('retry-after', String(seconds))
  }
  if (facts.isRetryable === false) headers.push('x-should-retry', 'false')
  return headers
}
