import { BlockList, isIP } from 'node:net'

import type { LaunchProfile } from '../launch-profile.ts'
import type { LaunchFinding } from './launch-finding.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/** Whether the engine will be where llmr looks for it, and not where something else is already. */
export function checkAddress(
  { host, port, proxy }: Pick<LaunchProfile, 'host' | 'port' | 'proxy'>,
  gateway: { readonly host: string; readonly port: number },
): readonly LaunchFinding[] {
  return [...portOfGateway({ host, port }, gateway), ...unreachable(host, proxy)]
}

function portOfGateway(
  { host, port }: Pick<LaunchProfile, 'host' | 'port'>,
  gateway: { readonly host: string; readonly port: number },
): readonly LaunchFinding[] {
  if (port === undefined || port !== gateway.port || !overlap(host, gateway.host)) return []
  const message = `llmr itself listens on port ${port}; take port away, and the engine gets a free one`
  return [{ path: ['port'], code: 'conflict', message }]
}

/** A wildcard takes the port on every address. */
function overlap(some: string, other: string): boolean {
  return (
    [some, other].some((host) => ['0.0.0.0', '::', ''].includes(host)) ||
    some === other ||
    (isLocal(some) && isLocal(other))
  )
}

function unreachable(host: string, proxy: string | undefined): readonly LaunchFinding[] {
  const target = proxy === undefined ? undefined : /^https?:\/\/(?:\[([^\]]+)\]|([^/:]+))/.exec(proxy)
  const address = target?.[1] ?? target?.[2]
  if (address === undefined || isLocal(address) || !isLocal(host)) return []
  const message = `requests go to ${address}, but the engine binds ${host}, which nothing outside its machine reaches; write host: 0.0.0.0 or ${address}`
  return [{ path: ['proxy'], code: 'conflict', message }]
}

function isLocal(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true
  const version = isIP(host)
  return version !== 0 && loopback.check(host, version === 4 ? 'ipv4' : 'ipv6')
}
