import type { Server } from 'node:http'
import { Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'

/**
 * Connections on which nothing has been asked yet. Browsers and HTTP clients open some ahead; to Node they are not idle,
 * and a server that closes would wait for them until its bound.
 *
 * @returns what closes them
 */
export function watchUnusedConnections(server: Server): () => void {
  /** Each with the bytes that it had brought when it was ready: a handshake is no request. */
  const unused = new Map<Socket, number>()
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    unused.set(socket, socket.bytesRead)
    socket.once('close', () => unused.delete(socket))
  })
  return () => {
    for (const [socket, bytesBefore] of unused) if (socket.bytesRead === bytesBefore) socket.destroy()
  }
}
