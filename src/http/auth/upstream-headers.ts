import type { IncomingHttpHeaders } from 'node:http'

/**
 * The client headers that a backend may see. A list of what passes and not of what is held back: a header nobody thought
 * of (a cookie, a proxy's credential, a session id of some tool) must not reach an engine, let alone a cloud, by default.
 *
 * Held back on purpose: every credential; what names the person or the session (`user-agent`, `origin`, `referer`,
 * `x-forwarded-*`, `x-conversation-id`, `x-llmr-*`, `baggage`); accounts at a provider (`openai-organization`); what
 * belongs to the connection (`host`, `content-length`, `transfer-encoding`); `content-encoding`, because bodies are decoded at the
 * edge; `accept-encoding`, because replies are read as they pass; and `x-correlation-id`, which whoever speaks to the backend sets from the
 * checked value.
 */
const forwarded = [
  'content-type',
  'accept',
  'traceparent',
  'tracestate',
  'anthropic-version',
  'anthropic-beta',
  'openai-beta',
] as const

/** A fresh object, to which the caller adds the backend's own credential and headers. */
export function forwardableHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const passed: Record<string, string> = {}
  for (const name of forwarded) {
    const value = headers[name]
    if (typeof value === 'string') passed[name] = value
  }
  return passed
}
