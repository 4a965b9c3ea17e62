import { createServer } from 'node:net'
import type { Server } from 'node:net'

/** A port that is taken until it is handed over, and nobody else's until it is released. */
export interface PortLease {
  readonly port: number
  /** Lets the port go for the engine that starts right after this. */
  handOver(): Promise<void>
  /** The engine is gone. May be called twice, and instead of `handOver`. */
  release(): Promise<void>
}

export interface LeaseRequest {
  readonly host: string
  /** Absent: any free one. */
  readonly port?: number
}

/**
 * Below what Linux gives to outgoing connections (32768 and up): some engines open their port only after minutes of
 * loading, and until then any connection could get it.
 */
const firstPort = 20_000
const lastPort = 32_767
const triesMax = 256

/**
 * Ports for engines. Each is tried out by listening on it, held until the engine is started, and remembered until the
 * engine is gone, so that two starts at the same time never get the same one.
 */
export class PortLeases {
  readonly #taken = new Set<number>()
  /** Another llmr on this machine begins elsewhere, so that the two rarely meet. */
  #next = firstPort + ((process.pid * 101) % (lastPort - firstPort))

  /** @throws the system's error, EADDRINUSE for one, when the port wanted, or every port tried, cannot be had. */
  async lease({ host, port }: LeaseRequest): Promise<PortLease> {
    if (port !== undefined) return this.#take(host, port)
    for (let tries = 1; ; tries++) {
      try {
        return await this.#take(host, this.#nextPort())
      } catch (error) {
        if (tries === triesMax || !isInUse(error)) throw error
      }
    }
  }

  #nextPort(): number {
    this.#next = this.#next >= lastPort ? firstPort : this.#next + 1
    return this.#next
  }

  async #take(host: string, port: number): Promise<PortLease> {
    if (this.#taken.has(port)) throw inUse(port)
    this.#taken.add(port)
    try {
      const holder = await listenOn(host, port)
      const handOver = onceOnly(() => closed(holder))
      const release = onceOnly(async () => {
        await handOver()
        this.#taken.delete(port)
      })
      return { port, handOver, release }
    } catch (error) {
      this.#taken.delete(port)
      throw error
    }
  }
}

function listenOn(host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', reject)
    server.listen({ host, port, exclusive: true }, () => resolve(server))
  })
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

function onceOnly(act: () => Promise<void>): () => Promise<void> {
  let acting: Promise<void> | undefined
  return () => (acting ??= act())
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')
}

function inUse(port: number): Error {
  return Object.assign(new Error(`port ${port} is used by another model`), { code: 'EADDRINUSE' })
}
