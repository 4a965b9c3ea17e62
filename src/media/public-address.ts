import { BlockList, isIPv4 } from 'node:net'

/**
 * Whether an address is one of the internet at large: not this machine, not its networks, nothing reserved. What is
 * reached by another protocol inside IPv6 (NAT64, 6to4, Teredo, mapped IPv4) is not: it may lead back inside.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !reservedIpv4.check(address, 'ipv4')
  return globalIpv6.check(address, 'ipv6') && !reservedIpv6.check(address, 'ipv6')
}

/** IANA's registry of special-purpose IPv4 addresses, multicast, and what is reserved for later. */
const reservedIpv4 = blockList('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
])

/** Of IPv6 only this is given out to the internet. */
const globalIpv6 = blockList('ipv6', [['2000::', 3]])

const reservedIpv6 = blockList('ipv6', [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
])

function blockList(family: 'ipv4' | 'ipv6', subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList()
  for (const [address, prefix] of subnets) list.addSubnet(address, prefix, family)
  return list
}
