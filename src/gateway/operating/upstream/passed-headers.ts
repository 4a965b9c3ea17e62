import type { IncomingHttpHeaders } from 'node:http'

import type { RawHeaders } from '../../../backends/raw/open-raw.ts'

/**
 * What of a client's headers an engine gets to see when it is spoken to directly: what the content and the protocol need.
 * No credential, cookie or address, as everywhere.
 */
const toEngine = [
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-type',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'last-event-id',
  'range',
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'sec-websocket-version',
  'traceparent',
  'tracestate',
] as const

export function headersToEngine(headers: IncomingHttpHeaders): Record<string, string> {
  const passed: Record<string, string> = {}
  for (const name of toEngine) {
    const value = headers[name]
    if (typeof value === 'string') passed[name] = value
  }
  return passed
}

/** Of the connection, of another origin's rights, or ours to say. */
const heldBack = new Set([
  'connection',
  'date',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'set-cookie',
  'strict-transport-security',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-correlation-id',
  'x-request-id',
])

/** Names and values in turn. Addresses of the engine's own become addresses below the prefix. */
export function headersToClient(
  headers: RawHeaders,
  { prefix, engineUrl }: { readonly prefix: string; readonly engineUrl: string },
): string[] {
  return headers.flatMap(([name, value]) => {
    const known = name.toLowerCase()
    if (heldBack.has(known) || known.startsWith('access-control-')) return []
    const isAddress = known === 'location' || known === 'content-location'
    return [name, isAddress ? belowPrefix(value, { prefix, engineUrl }) : value]
  })
}

function belowPrefix(address: string, { prefix, engineUrl }: { prefix: string; engineUrl: string }): string {
  if (address.startsWith(engineUrl)) return prefix + (address.slice(engineUrl.length) || '/')
  return address.startsWith('/') && !address.startsWith('//') ? prefix + address : address
}
