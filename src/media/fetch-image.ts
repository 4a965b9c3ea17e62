import { lookup } from 'node:dns'
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'

import type { Base64Source } from '../core/chat/message.ts'
import { isPublicAddress } from './public-address.ts'

export interface FetchOptions {
  readonly maxBytes: number
  /** Ends everything, and with it the wait: a client that left, or the time that is over. */
  readonly signal: AbortSignal
  /** Host names and addresses that may be in a private network. */
  readonly privateHosts: readonly string[]
}

/** Why an image was not fetched; the message continues a sentence that names it. */
export class NotFetched extends Error {
  override readonly name = 'NotFetched'
}

const redirectsMax = 3

/**
 * Fetches an image for an engine. What a client names must not be a way into the network that llmr stands in: every
 * address, after each redirect too, has to be a public one, and the connection goes to the very address that was
 * checked, so that a name cannot mean another one a moment later. Nothing of the client's or of llmr's own is sent.
 *
 * @throws NotFetched
 */
export async function fetchImage(address: string, options: FetchOptions): Promise<Base64Source> {
  let url = parseUrl(address)
  for (let redirects = 0; ; redirects++) {
    const response = await open(url, options)
    const { statusCode: status = 0, headers } = response
    if (status < 300 || status > 399 || headers.location === undefined) return readImage(response, options)
    response.destroy()
    if (redirects === redirectsMax) throw new NotFetched(`was redirected more than ${redirectsMax} times`)
    url = parseUrl(headers.location, url)
  }
}

function parseUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href)
  if (url === null) throw new NotFetched('has no valid address')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new NotFetched(`is at ${url.protocol.slice(0, 20)}, and only http: and https: are fetched`)
  }
  if (url.username !== '' || url.password !== '') throw new NotFetched('has a user or password in its address')
  return url
}

function open(url: URL, { signal, privateHosts }: FetchOptions): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const mayBePrivate = privateHosts.includes(host)
  if (isIP(host) !== 0 && !mayBePrivate && !isPublicAddress(host)) throw privateAddress(host)
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp
    const request: ClientRequest = send(url, {
      // Of its own: a connection that is kept would go to an address that was checked for somebody else.
      agent: false,
      headers: { accept: 'image/*', 'accept-encoding': 'identity', 'user-agent': 'llmr' },
      lookup: mayBePrivate ? lookup : lookupPublic,
      signal,
    })
    request.once('response', resolve)
    request.once('error', (error) => reject(notFetched(error, signal)))
    request.end()
  })
}

/** One private address among them is enough to refuse: which of them a connection would take is anybody's guess. */
const lookupPublic: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? []
    if (error !== null || first === undefined) done(error ?? new Error('no address'), '', 4)
    else if (!addresses.every(({ address }) => isPublicAddress(address))) done(privateAddress(host), '', 4)
    else if (options.all === true) done(null, addresses)
    else done(null, first.address, first.family)
  })
}

async function readImage(response: IncomingMessage, { maxBytes, signal }: FetchOptions): Promise<Base64Source> {
  const { statusCode: status = 0, headers } = response
  try {
    if (status !== 200) throw new NotFetched(`was answered with status ${status}`)
    const mediaType = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
    if (!mediaType.startsWith('image/') && mediaType !== 'application/octet-stream') {
      throw new NotFetched(`is of type ${mediaType.slice(0, 100) || 'unknown'}, and not an image`)
    }
    if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
    const data = await readBytes(response, maxBytes)
    return { kind: 'base64', mediaType, data: data.toString('base64') }
  } catch (error) {
    throw notFetched(error, signal)
  } finally {
    response.destroy()
  }
}

async function readBytes(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) continue
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function tooLarge(maxBytes: number): NotFetched {
  return new NotFetched(`has more than ${maxBytes} bytes (dialects.images.max_size)`)
}

function privateAddress(host: string): NotFetched {
  return new NotFetched(
    `is at ${host.slice(0, 100)}, which is no public address; the operator can allow it (dialects.images.private_hosts)`,
  )
}

/** No more than a code of what went wrong: the rest tells of the network that llmr stands in. */
function notFetched(error: unknown, signal: AbortSignal): NotFetched {
  if (error instanceof NotFetched) return error
  if (signal.aborted) return new NotFetched('did not come in time (dialects.images.fetch_timeout)', { cause: error })
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
  return new NotFetched(`could not be fetched${code}`, { cause: error })
}
