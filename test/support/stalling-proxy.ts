import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'

import { listen } from './listen.ts'

/** A way to a server that can stop carrying anything, as a hung server or a lost network would look, or tear. */
export interface StallingProxy {
  readonly port: number
  /** From now on nothing is carried in either direction, and nothing is closed. */
  stall(): void
  /** What was held up goes on. */
  resume(): void
  /** Ends all connections; new ones are accepted. */
  cut(): void
  close(): Promise<void>
}

export async function stallingProxy(target: { readonly host: string; readonly port: number }): Promise<StallingProxy> {
  const sockets = new Set<Socket>()
  let isStalled = false
  const server = createServer((client) => {
    const upstream = connect(target)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('data', (chunk) => to.write(chunk))
      from.on('error', () => undefined)
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      if (isStalled) from.pause()
    }
  })
  const { port, close } = await listen(server)
  return {
    port,
    stall() {
      isStalled = true
      for (const socket of sockets) socket.pause()
    },
    resume() {
      isStalled = false
      for (const socket of sockets) socket.resume()
    },
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    close,
  }
}
