import type { Listener } from './listener.ts'
import { delay } from './pace.ts'

export interface OutageParts {
  readonly listener: Listener
  readonly print: (line: string) => void
  /** Called when it listens again. */
  readonly onEnd: () => void
}

/** Times at which nothing listens: the fault `refuse`. */
export class Outage {
  readonly #parts: OutageParts
  #end = new AbortController()

  constructor(parts: OutageParts) {
    this.#parts = parts
  }

  /** Refuses at once, for so many milliseconds or until `end`. */
  async begin(durationMs = Infinity): Promise<void> {
    this.#end.abort()
    const { signal } = (this.#end = new AbortController())
    await this.#parts.listener.shut()
    void this.#listenAfter(durationMs, signal)
  }

  async end(): Promise<void> {
    this.#end.abort()
    await this.#parts.listener.open()
    this.#parts.onEnd()
  }

  /** Nothing waits any longer. May be called twice. */
  close(): void {
    this.#end.abort()
  }

  /** Never rejects: an outage that was ended otherwise is over, and a port that is gone can only be told of. */
  async #listenAfter(durationMs: number, signal: AbortSignal): Promise<void> {
    try {
      await delay(durationMs, signal)
    } catch {
      return
    }
    try {
      await this.end()
    } catch (error) {
      this.#parts.print(`simulated engine: cannot listen again: ${String(error)}`)
    }
  }
}
