import type { IncomingHttpHeaders } from 'node:http'

/** What browsers have to be told so that pages of other origins may read replies. */
export interface Cors {
  /** Asked with `*`: may every page? */
  allows(origin: string): boolean
  /** For every reply, errors too. `undefined` when CORS is off. */
  corsHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> | undefined
  /**
   * What to add to `corsHeaders` in a 204 when the request is a browser's question (preflight) and CORS is on. It carries
   * no key, so it is answered before anybody is asked for one.
   */
  preflightHeaders(method: string, headers: IncomingHttpHeaders): Readonly<Record<string, string>> | undefined
}

/** @param origins such as `https://chat.example.org`; `*` for all; none turns CORS off. */
export function createCors(origins: readonly string[]): Cors {
  if (origins.length === 0) {
    return { allows: () => false, corsHeaders: () => undefined, preflightHeaders: () => undefined }
  }
  const listed = new Set(origins.map((origin) => origin.toLowerCase().replace(/\/$/, '')))
  const isOpen = listed.has('*')
  const allows = (origin: string): boolean => isOpen || listed.has(origin)

  return {
    allows,
    corsHeaders({ origin }) {
      if (isOpen) return openHeaders
      if (origin === undefined || !listed.has(origin)) return closedHeaders
      return { 'access-control-allow-origin': origin, 'access-control-expose-headers': '*', vary: 'Origin' }
    },
    preflightHeaders(method, headers) {
      const { origin } = headers
      if (method !== 'OPTIONS' || origin === undefined || headers['access-control-request-method'] === undefined) {
        return undefined
      }
      return allows(origin) ? permissions(headers) : {}
    },
  }
}

// Credentials are never allowed in the sense of CORS: keys come in headers that the page sets, and cookies do not exist.
const openHeaders = { 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' } as const
/** A cache must not give this reply to a page that may read it, nor the other way round. */
const closedHeaders = { vary: 'Origin' } as const

/** What is asked for is granted by name, since `*` would leave out `authorization`. */
function permissions(headers: IncomingHttpHeaders): Record<string, string> {
  const requested = headers['access-control-request-headers']
  return {
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
    'access-control-allow-headers':
      requested !== undefined && headerListPattern.test(requested) ? requested : 'authorization, content-type',
    'access-control-max-age': '7200',
  }
}

const headerListPattern = /^[\w-]+(?: ?, ?[\w-]+)*$/
