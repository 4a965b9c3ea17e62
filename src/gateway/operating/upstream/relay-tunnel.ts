import type { Duplex } from 'node:stream'

import type { RawAnswer } from '../../../backends/raw/open-raw.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { TunnelSocket } from '../../../http/tunnel.ts'

type Upgraded = Extract<RawAnswer, { kind: 'upgraded' }>

/**
 * Joins two connections until one of them ends: what either says goes to the other as it is, and waits where the other takes
 * nothing. Silence on both sides for `idleTimeoutMs` ends it too, since it holds a place. WebSockets that mean to stay send
 * pings.
 */
export function relayTunnel(
  exchange: Exchange,
  { tunnel, engine, idleTimeoutMs }: { tunnel: TunnelSocket; engine: Upgraded; idleTimeoutMs: number },
): Promise<void> {
  const client = tunnel.socket
  const server = engine.socket
  const { record } = exchange
  return new Promise((resolve) => {
    const watchdog = setTimeout(() => {
      exchange.note('tunnel-idle')
      end()
    }, idleTimeoutMs)
    const end = (): void => {
      clearTimeout(watchdog)
      client.destroy()
      server.destroy()
      exchange.onClientGone(undefined)
      resolve()
    }
    server.on('data', (chunk: Buffer) => {
      watchdog.refresh()
      record.responseBytes += chunk.length
    })
    client.on('data', (chunk: Buffer) => {
      watchdog.refresh()
      record.requestBytes += chunk.length
    })
    for (const socket of [client, server]) socket.on('error', end).once('close', end)
    exchange.onClientGone(end)
    exchange.beginTunnel(engine.status, engine.headers)
    give(client, engine.head)
    give(server, tunnel.head)
    server.pipe(client)
    client.pipe(server)
  })
}

function give(to: Duplex, head: Buffer): void {
  if (head.length > 0) to.write(head)
}
