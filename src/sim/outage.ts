import type { Listener } from './listener.ts'
import { delay } from './pace.ts'

/** Times at which nothing listens: the fault `refuse`. */
export class Outage {
  readonly #listener: Listener
  readonly #print: (line: string) => void
  #end = new AbortController()

  constructor(listener: Listener, print: (line: string) => void) {
    this.#listener = listener
    this.#print = print
  }

  /** Refuses at once, for so many milliseconds or until `end`. */
  begin(durationMs = Infinity): void {
    this.#end.abort()
    this.#end = new AbortController()
    this.#listener.shut()
    void this.#listenAfter(durationMs, this.#end.signal)
  }

  async end(): Promise<void> {
    this.#end.abort()
    await this.#listener.open()
  }

  /** Nothing will listen again. May be called twice. */
  close(): void {
    this.#end.abort()
  }

  /** Never rejects: an outage that was ended otherwise is over, and a port that is gone can only be told of. */
  async #listenAfter(durationMs: number, signal: AbortSignal): Promise<void> {
    try {
      await delay(durationMs, signal)
      await this.#listener.open()
    } catch (error) {
      if (!signal.aborted) this.#print(`simulated engine: cannot listen again: ${String(error)}`)
    }
  }
}
