import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIP, isIPv4 } from 'node:net'

import { LlmrError } from '../../core/error.ts'

export interface Client {
  /** IPv4 addresses are plain, also where a socket that speaks IPv6 gives them as `::ffff:10.0.0.1`. */
  readonly address: string
  readonly protocol: 'http' | 'https'
}

export interface Peer {
  /** `socket.remoteAddress`; undefined once it is closed. */
  readonly address: string | undefined
  readonly isEncrypted: boolean
}

/** Who is at the other end: the peer, or the client that a trusted proxy says it speaks for. */
export type ClientOf = (peer: Peer, headers: IncomingHttpHeaders) => Client

/**
 * @param ranges addresses and CIDR ranges. None: forwarding headers are never believed.
 * @throws LlmrError `invalid_request` that names the range at fault
 */
export function createTrustedProxies(ranges: readonly string[]): ClientOf {
  const trusted = new BlockList()
  for (const range of ranges) addRange(trusted, range)
  const isTrusted = (address: string): boolean =>
    address !== '' && trusted.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')

  return (peer, headers) => {
    const address = plainAddress(peer.address ?? '')
    const protocol = peer.isEncrypted ? 'https' : 'http'
    if (ranges.length === 0 || !isTrusted(address)) return { address, protocol }
    return {
      address: clientBehind(address, headers['x-forwarded-for'], isTrusted),
      protocol: lastOf(headers['x-forwarded-proto']) ?? protocol,
    }
  }
}

/**
 * From the right, because each proxy appends whom it heard from and only what trusted ones appended can be believed: the
 * first address that is no proxy is the client. What a client wrote itself stands further left and is not reached.
 */
function clientBehind(
  peer: string,
  forwarded: string | readonly string[] | undefined,
  isTrusted: (address: string) => boolean,
): string {
  const entries = typeof forwarded === 'string' ? forwarded.split(',') : []
  let nearest = peer
  for (const entry of entries.reverse()) {
    const address = plainAddress(withoutPort(entry.trim()))
    if (address === '') return nearest
    nearest = address
    if (!isTrusted(address)) return nearest
  }
  return nearest
}

/** The last one is what the trusted peer itself has seen or passed on. */
function lastOf(forwarded: string | readonly string[] | undefined): Client['protocol'] | undefined {
  const last = typeof forwarded === 'string' ? forwarded.slice(forwarded.lastIndexOf(',') + 1).trim() : ''
  return last === 'http' || last === 'https' ? last : undefined
}

/** `[::1]:99` → `::1`, `10.0.0.1:99` → `10.0.0.1`; some proxies add the port. */
function withoutPort(entry: string): string {
  const [, bracketed, dotted] = /^(?:\[([^\]]*)\](?::\d+)?|(\d+(?:\.\d+){3}):\d+)$/.exec(entry) ?? []
  return bracketed ?? dotted ?? entry
}

/** An address without zone, IPv4 out of its IPv6 wrapping; `''` for what is no address. */
function plainAddress(text: string): string {
  if (isIPv4(text)) return text
  const [address = ''] = text.split('%')
  if (isIP(address) === 0) return ''
  const [, dotted, high, low] = /^::ffff:(?:([\d.]+)|([\da-f]{1,4}):([\da-f]{1,4}))$/i.exec(address) ?? []
  if (dotted !== undefined) return dotted
  if (high === undefined || low === undefined) return address
  const bytes = [high, low].flatMap((group) => {
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
  return bytes.join('.')
}

function addRange(trusted: BlockList, range: string): void {
  const [text = '', prefixText, ...rest] = range.trim().split('/')
  const address = plainAddress(text)
  const isWrapped = isIPv4(address) && !isIPv4(text)
  const bits = isIPv4(address) ? 32 : 128
  const prefix = prefixText === undefined ? bits : Number(prefixText) - (isWrapped ? 96 : 0)
  const isValid = address !== '' && rest.length === 0 && isDigits(prefixText) && prefix >= 0 && prefix <= bits
  if (!isValid) throw invalidRange(range)
  trusted.addSubnet(address, prefix, bits === 32 ? 'ipv4' : 'ipv6')
}

function isDigits(text: string | undefined): boolean {
  return text === undefined || /^\d{1,3}$/.test(text)
}

function invalidRange(range: string): LlmrError {
  return new LlmrError(
    'invalid_request',
    `listen.trusted_proxies: expected an address or a CIDR range such as 10.0.0.1, 10.0.0.0/8 or fd00::/8; this was "${range}".`,
  )
}
