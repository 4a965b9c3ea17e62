import type { Exchange } from '../../../http/exchange.ts'

/** A request that has not ended, as llama-swap tells of it. Headers are nobody's business, so there are none. */
interface RequestAtWork {
  readonly id: string
  readonly timestamp: string
  readonly model: string
  readonly req_path: string
  readonly method: string
  readonly req_headers: Readonly<Record<string, never>>
  readonly remote_ip: string
  readonly resp_headers: Readonly<Record<string, never>>
  readonly resp_bytes: number
  readonly elapsed_ms: number
}

/** Those that are for a model, by id. */
export function requestsAtWork(exchanges: Iterable<Exchange>): ReadonlyMap<string, RequestAtWork> {
  const found = new Map<string, RequestAtWork>()
  for (const exchange of exchanges) {
    const { record } = exchange
    if (record.operation === undefined) continue
    found.set(record.requestId, {
      id: record.requestId,
      timestamp: new Date(record.startedAtMs).toISOString(),
      model: record.requestedModel ?? record.model ?? '',
      req_path: record.path,
      method: record.method,
      req_headers: {},
      remote_ip: record.clientAddress ?? '',
      resp_headers: {},
      resp_bytes: record.responseBytes,
      elapsed_ms: Math.round(exchange.elapsedMs()),
    })
  }
  return found
}
