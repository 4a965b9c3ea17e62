import { BlockList, isIP } from 'node:net'

import type { TrustZone } from './trust.ts'

/**
 * How far a request to this address travels, judged by the address alone: no name is looked up, so a public name that
 * points into the local network counts as cloud until the operator says otherwise.
 */
export function trustOfUrl(url: string): TrustZone {
  const { hostname } = new URL(url)
  if (isLoopbackHost(hostname)) return 'local'
  return isLanHost(hostname) ? 'lan' : 'cloud'
}

/** Takes a host name as URLs spell it, so with brackets around an IPv6 address. */
export function isLoopbackHost(hostname: string): boolean {
  const name = bare(hostname)
  return name === 'localhost' || name.endsWith('.localhost') || isAddressIn(loopback, name)
}

/** Names that no public DNS answers: single labels, mDNS, RFC 8375, and two suffixes that routers and clusters give out. */
function isLanHost(hostname: string): boolean {
  const name = bare(hostname)
  if (isIP(name) !== 0) return isAddressIn(lan, name)
  return !name.includes('.') || /\.(?:local|lan|internal|home\.arpa)$/.test(name)
}

function bare(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
}

function isAddressIn(list: BlockList, name: string): boolean {
  const family = isIP(name)
  return family !== 0 && list.check(name, family === 6 ? 'ipv6' : 'ipv4')
}

// Node's lists judge IPv4 addresses written as IPv6 (::ffff:10.0.0.1) by the IPv4 rules.
const loopback = blockList(['127.0.0.0/8', '0.0.0.0/32', '::1/128', '::/128'])

/** RFC 1918, link-local, the carriers' shared range that overlay networks use (RFC 6598), and IPv6's unique local. */
const lan = blockList([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
  'fe80::/10',
])

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', prefix = ''] = range.split('/')
    list.addSubnet(network, Number(prefix), network.includes(':') ? 'ipv6' : 'ipv4')
  }
  return list
}
