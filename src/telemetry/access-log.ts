import { defaultTenant } from '../core/principal.ts'
import type { Hop, RequestRecord } from '../core/request-record.ts'
import { isoTime } from './iso-time.ts'
import type { LineWriter } from './logger.ts'
import { maskSecrets } from './mask-secrets.ts'

/** Pages that programs look at all the time: probes, scrapes, `llmr top`. */
const watchedRoutes: ReadonlySet<string> = new Set(['healthz', 'readyz', 'metrics', 'admin', 'queue'])

/**
 * The one canonical line of a request: level `info`, `warn` when the reply is a 5xx, `debug` for a look at a page that is
 * looked at all the time; message `request`; its fields are
 * named after those of `RequestRecord` in snake case, and what is not known is left out.
 */
export function writeAccessLine(writer: LineWriter, record: RequestRecord): void {
  const level = levelOf(record)
  if (writer.isEnabled(level)) writer.writeLine(accessLine(level, record))
}

function levelOf({ status, method, route }: RequestRecord): 'debug' | 'info' | 'warn' {
  if (status >= 500) return 'warn'
  return status < 400 && method === 'GET' && watchedRoutes.has(route) ? 'debug' : 'info'
}

/**
 * Put together by hand: every request pays for it, and the general way costs two and a half times as much. It need not
 * pass the filter for private fields either, since a record has none.
 */
function accessLine(level: string, record: RequestRecord): string {
  return (
    `{"level":"${level}","time":"${isoTime(record.startedAtMs + record.durationMs)}"` +
    word('request_id', record.requestId) +
    text('correlation_id', record.correlationId) +
    text('method', record.method) +
    text('path', record.path) +
    word('route', record.route) +
    word('operation', record.operation) +
    text('principal', record.principal) +
    (record.tenant === defaultTenant ? '' : text('tenant', record.tenant)) +
    text('client', record.clientAddress) +
    text('requested_model', record.requestedModel) +
    text('model', record.model) +
    text('backend', record.backend) +
    text('reason', record.reason) +
    word('kind', record.kind) +
    word('background_task', record.backgroundTask) +
    plain('stream', record.isStream) +
    plain('status', record.status) +
    word('error_code', record.errorCode) +
    plain('request_bytes', record.requestBytes) +
    plain('response_bytes', record.responseBytes) +
    milliseconds('duration_ms', record.durationMs) +
    milliseconds('time_to_first_byte_ms', record.timeToFirstByteMs) +
    plain('prompt_tokens', record.promptTokens) +
    plain('cached_tokens', record.cachedTokens) +
    plain('completion_tokens', record.completionTokens) +
    hops(record.hops) +
    (record.isClientGone ? ',"client_gone":true' : '') +
    ',"msg":"request"}\n'
  )
}

/** Names come from clients, who may send a megabyte for one. */
const textMax = 512

function text(name: string, value: string | undefined): string {
  if (value === undefined) return ''
  return `,"${name}":${JSON.stringify(value.length > textMax ? `${value.slice(0, textMax)}…` : value)}`
}

/** For values of our own making, and ids that were checked: nothing in them needs an escape. */
function word(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":"${value}"`
}

function plain(name: string, value: number | boolean | undefined): string {
  return value === undefined ? '' : `,"${name}":${value}`
}

function milliseconds(name: string, value: number | undefined): string {
  return value === undefined ? '' : `,"${name}":${Math.round(value * 10) / 10}`
}

/** Hops exist only when something failed, so they may cost more; an engine's words are masked as everywhere. */
function hops(all: readonly Hop[]): string {
  if (all.length === 0) return ''
  const fields = all.map((hop) => ({
    backend: hop.backend,
    model: hop.model,
    url: hop.url,
    cause: hop.cause,
    status: hop.status,
    message: maskSecrets(hop.message),
    duration_ms: Math.round(hop.durationMs * 10) / 10,
  }))
  return `,"hops":${JSON.stringify(fields)}`
}
