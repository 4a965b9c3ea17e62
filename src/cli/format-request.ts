import { defaultTenant } from '../core/principal.ts'
import type { RequestRecord } from '../core/request-record.ts'

/** The gateway's answer about finished requests; it is our own, so only its outline is checked. */
export function readRequests(reply: unknown): readonly RequestRecord[] {
  const requests: unknown = typeof reply === 'object' && reply !== null ? Reflect.get(reply, 'requests') : undefined
  return Array.isArray(requests) ? (requests as RequestRecord[]) : []
}

/** One request as a person reads it: what it was, what came of it, then what happened when. */
export function formatRequest(record: RequestRecord): string {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['request', `${record.requestId}  ${record.method} ${record.path}`],
    ['correlation', record.correlationId === record.requestId ? undefined : record.correlationId],
    ['started', new Date(record.startedAtMs).toISOString()],
    ['asked by', record.principal],
    ['tenant', record.tenant === defaultTenant ? undefined : record.tenant],
    ['kind', record.backgroundTask === undefined ? record.kind : `${record.kind}: ${record.backgroundTask}`],
    ['model', served(record)],
    ['backend', record.backend],
    ['because', record.reason],
    ['result', result(record)],
    ['tokens', tokens(record)],
  ]
  const width = 12
  const head = facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(width)}${value}`]))
  const hops = record.hops.map(
    ({ backend, cause, url, message, durationMs }) =>
      `${'failed'.padEnd(width)}${backend}: ${cause} after ${durationMs} ms at ${url}\n${' '.repeat(width)}${message}`,
  )
  const timeline = record.timeline.map(
    ({ atMs, event, detail }) => `${`${atMs.toFixed(1)} ms`.padStart(width)}  ${event}${detail ? `  ${detail}` : ''}`,
  )
  return [...head, ...hops, ...timeline].join('\n')
}

function served({ requestedModel, model }: RequestRecord): string | undefined {
  if (model === undefined || model === requestedModel) return requestedModel
  return `${requestedModel ?? '(none named)'} → ${model}`
}

function result({ status, errorCode, durationMs, timeToFirstByteMs, isClientGone }: RequestRecord): string {
  const parts = [status === 0 ? 'no reply' : String(status)]
  if (errorCode !== undefined) parts.push(errorCode)
  if (isClientGone) parts.push('the client left')
  parts.push(`${Math.round(durationMs)} ms`)
  if (timeToFirstByteMs !== undefined) parts.push(`first byte after ${Math.round(timeToFirstByteMs)} ms`)
  return parts.join(', ')
}

function tokens({ promptTokens, cachedTokens, completionTokens }: RequestRecord): string | undefined {
  if (promptTokens === undefined && completionTokens === undefined) return undefined
  const cached = cachedTokens === undefined ? '' : ` (${cachedTokens} from the cache)`
  return `${promptTokens ?? '?'} in${cached}, ${completionTokens ?? '?'} out`
}
