import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A listening socket that can be shut and opened again on the same port, as when a process dies and comes back. */
export class Listener {
  readonly #host: string
  readonly #handle: RequestListener
  readonly #servers = new Set<Server>()
  #port: number
  /** The server that listens or is about to. */
  #open: Promise<Server> | undefined
  #isClosed = false

  constructor({ host, port, handle }: { host: string; port: number; handle: RequestListener }) {
    this.#host = host
    this.#port = port
    this.#handle = handle
  }

  /** Known once it has been open. */
  get port(): number {
    return this.#port
  }

  /** Listens, unless it does or has been closed. @throws the socket's error, such as `EADDRINUSE`. */
  async open(): Promise<void> {
    if (this.#isClosed) return
    this.#open ??= this.#listen()
    await this.#open
  }

  /** Refuses new connections and cuts idle ones; requests in work go on. */
  async shut(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    const server = await open?.catch(() => undefined) // told to whoever opened it
    server?.close()
  }

  /** Cuts everything, as when the machine is switched off, and never listens again. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.shut()
    const closing = [...this.#servers].map((server) => once(server, 'close'))
    for (const server of this.#servers) server.closeAllConnections()
    await Promise.all(closing)
  }

  async #listen(): Promise<Server> {
    // Slow requests are the tests' business: the engine has no time limits of its own.
    const server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 5000 }, this.#handle)
    server.listen(this.#port, this.#host)
    try {
      await once(server, 'listening')
    } catch (error) {
      this.#open = undefined
      throw error
    }
    this.#servers.add(server)
    server.once('close', () => this.#servers.delete(server))
    this.#port = (server.address() as AddressInfo).port
    return server
  }
}
