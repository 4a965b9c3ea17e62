import type { Server } from 'node:http'
import { Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** Longer than a request takes to come after its connection. */
const arrivalMs = 250

/**
 * Connections on which nothing has been asked yet. Browsers and HTTP clients open some ahead; to Node they are not idle,
 * and a server that closes would wait for them until its bound. What was asked on one a moment ago is still on its way, or
 * not read yet by a busy process: so each is left the time for that.
 *
 * @returns what closes them, and resolves when it has
 */
export function watchUnusedConnections(server: Server): () => Promise<void> {
  /** Each with the bytes that it had brought when it was ready: a handshake is no request. */
  const unused = new Map<Socket, number>()
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    unused.set(socket, socket.bytesRead)
    socket.once('close', () => unused.delete(socket))
  })
  return async () => {
    const ahead = [...unused].filter(([socket, bytesBefore]) => socket.bytesRead === bytesBefore)
    if (ahead.length > 0) await delay(arrivalMs)
    for (const [socket, bytesBefore] of ahead) if (socket.bytesRead === bytesBefore) socket.destroy()
  }
}
