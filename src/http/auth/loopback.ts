import { isIPv4 } from 'node:net'

/** Is this a name or address that only programs on the same machine can reach? Accepts `[::1]` as well as `::1`. */
export function isLoopbackHost(host: string): boolean {
  const bare = host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/^::ffff:/, '')
  return bare === 'localhost' || bare === '::1' || (isIPv4(bare) && bare.startsWith('127.'))
}
