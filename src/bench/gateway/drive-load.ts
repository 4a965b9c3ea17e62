import { LoadConnection } from './load-connection.ts'
import type { Outcome } from './load-connection.ts'
import { quantiles } from './quantiles.ts'
import type { Quantiles } from './quantiles.ts'

export interface Load {
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly shape: LoadShape
}

export type LoadShape =
  /** Each client sends its next request as soon as it has the last reply. */
  | { readonly kind: 'closed'; readonly clients: number; readonly durationMs: number }
  /** The same for a number of requests in all. */
  | { readonly kind: 'counted'; readonly clients: number; readonly requests: number }
  /** Requests start at fixed times, whether or not earlier ones have been answered, so that queueing shows. */
  | { readonly kind: 'open'; readonly perSecond: number; readonly durationMs: number }

export interface LoadResult {
  readonly requests: number
  /** Broken connections and replies other than 200; not in the other figures. */
  readonly failures: number
  readonly firstFailure?: string
  readonly events: number
  readonly elapsedMs: number
  readonly totalMs: Quantiles
  readonly firstByteMs: Quantiles
}

/** Sends requests until the shape is fulfilled and every one of them is answered. */
export async function driveLoad(load: Load): Promise<LoadResult> {
  const request = requestBytes(load)
  const tally = new Tally()
  const startedAt = performance.now()
  if (load.shape.kind === 'open') await driveOpen(load.port, request, load.shape, tally)
  else await driveClosed({ port: load.port, request, clients: load.shape.clients, tally, mayStart: limit(load.shape) })
  return tally.result(performance.now() - startedAt)
}

export function requestBytes({ path, headers, body }: Pick<Load, 'path' | 'headers' | 'body'>): Buffer {
  const lines = [
    `POST ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

function limit(shape: Exclude<LoadShape, { kind: 'open' }>): () => boolean {
  if (shape.kind === 'closed') {
    const deadline = performance.now() + shape.durationMs
    return () => performance.now() < deadline
  }
  let left = shape.requests
  return () => left-- > 0
}

interface ClosedLoop {
  readonly port: number
  readonly request: Buffer
  readonly clients: number
  readonly tally: Tally
  readonly mayStart: () => boolean
}

async function driveClosed({ port, request, clients, tally, mayStart }: ClosedLoop): Promise<void> {
  const client = async (): Promise<void> => {
    let connection = new LoadConnection(port)
    while (mayStart() && tally.isBearable) {
      if (!connection.isOpen) connection = new LoadConnection(port)
      await tally.add(connection.send(request))
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: clients }, client))
}

async function driveOpen(
  port: number,
  request: Buffer,
  { perSecond, durationMs }: Extract<LoadShape, { kind: 'open' }>,
  tally: Tally,
): Promise<void> {
  const idle: LoadConnection[] = []
  const running = new Set<Promise<void>>()
  const startedAt = performance.now()
  const total = Math.floor((durationMs / 1000) * perSecond)
  for (let index = 0; index < total && tally.isBearable; index += 1) {
    await until(startedAt + (index / perSecond) * 1000)
    const connection = idle.pop() ?? new LoadConnection(port)
    const one = tally.add(connection.send(request)).then(() => {
      if (connection.isOpen) idle.push(connection)
      running.delete(one)
    })
    running.add(one)
  }
  await Promise.all(running)
  for (const connection of idle) connection.close()
}

async function until(dueAt: number): Promise<void> {
  const leftMs = dueAt - performance.now()
  if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs))
}

const failuresMax = 1000

class Tally {
  readonly #totals: number[] = []
  readonly #firstBytes: number[] = []
  #events = 0
  #failures = 0
  #firstFailure: string | undefined

  /** False when something is broken, and going on would only take time. */
  get isBearable(): boolean {
    return this.#failures < failuresMax
  }

  async add(reply: Promise<Outcome>): Promise<void> {
    try {
      const outcome = await reply
      if (outcome.status !== 200) return this.#fail(`status ${outcome.status}`)
      this.#totals.push(outcome.totalMs)
      this.#firstBytes.push(outcome.firstByteMs)
      this.#events += outcome.events
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error))
    }
  }

  result(elapsedMs: number): LoadResult {
    return {
      requests: this.#totals.length,
      failures: this.#failures,
      ...(this.#firstFailure === undefined ? {} : { firstFailure: this.#firstFailure }),
      events: this.#events,
      elapsedMs,
      totalMs: quantiles(this.#totals),
      firstByteMs: quantiles(this.#firstBytes),
    }
  }

  #fail(reason: string): void {
    this.#failures += 1
    this.#firstFailure ??= reason
  }
}
