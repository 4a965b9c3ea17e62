import { type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

import { pathOf } from './path-of.ts'
import { matchRoute } from './routes.ts'

/** The bare connection of a request that asks for another protocol. */
export interface TunnelSocket {
  readonly socket: Duplex
  /** What the client said already in the new protocol. */
  readonly head: Buffer
}

/**
 * A WebSocket to an engine's own path. All else that offers another protocol (HTTP/2, by many Java programs with every
 * request) is served as the plain request that it also is.
 */
export function isTunnel(request: IncomingMessage): boolean {
  if (request.headers.upgrade?.toLowerCase() !== 'websocket' || request.method !== 'GET') return false
  try {
    return matchRoute('GET', pathOf(request.url).path).purpose === 'upstream'
  } catch {
    return false // the plain request will be told what is wrong with it
  }
}

/** Calls back for each request that `isTunnel`, with a reply that may be written instead. */
export function acceptTunnels(
  server: Server,
  onRequest: (request: IncomingMessage, response: ServerResponse, tunnel: TunnelSocket) => void,
): void {
  // Where Node cannot choose, a listener would take every offer of every protocol, bodies included.
  if (!Reflect.has(server, 'shouldUpgradeCallback')) return
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const response = new PlainReply(request, socket)
    onRequest(request, response, { socket, head })
  })
}

/** On a connection that Node has handed over, a reply ends it. */
class PlainReply extends ServerResponse {
  constructor(request: IncomingMessage, socket: Duplex) {
    super(request)
    this.shouldKeepAlive = false
    // The types want a net.Socket, and it is one: under TLS its subclass.
    this.assignSocket(socket as Parameters<ServerResponse['assignSocket']>[0])
    socket.on('error', () => undefined) // `close` follows
    this.once('finish', () => socket.end())
  }
}
