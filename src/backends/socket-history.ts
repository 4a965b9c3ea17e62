import { buildConnector } from 'undici'

/** How the operating system and the HTTP client say that the other side has closed the connection. */
const closedByPeer: ReadonlySet<unknown> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/** Opens connections, and knows of one that broke whether it had been used before. */
export class SocketHistory {
  /** Freed with the errors themselves. */
  readonly #bytesRead = new WeakMap<Error, number>()

  connector(options: buildConnector.BuildOptions): buildConnector.connector {
    const connect = buildConnector(options)
    return (target, callback) =>
      connect(target, (...opened) => {
        const [, socket] = opened
        socket?.on('error', (error) => this.#bytesRead.set(error, socket.bytesRead))
        callback(...opened)
      })
  }

  /** Asked before a reply has begun: whatever was read then belonged to replies before it. */
  brokeAfterUse(error: Error): boolean {
    if (!('code' in error) || !closedByPeer.has(error.code)) return false
    return (this.#bytesRead.get(error) ?? 0) > 0
  }
}
