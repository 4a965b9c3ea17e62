import type { ServerResponse } from 'node:http'

/**
 * Bounds how long a client may take nothing of its reply while more waits for it. Owned by one exchange; `stop` when the
 * connection has no more use for it.
 */
export class ClientPatience {
  readonly #response: ServerResponse
  readonly #timeoutMs: number
  readonly #onTooSlow: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(parts: { response: ServerResponse; timeoutMs: number; onTooSlow: () => void }) {
    this.#response = parts.response
    this.#timeoutMs = parts.timeoutMs
    this.#onTooSlow = parts.onTooSlow
  }

  /** More was written than the connection takes at once: `onDrained` when it took all. One wait at a time. */
  awaitDrain(onDrained: () => void): void {
    if (this.#timer !== undefined) return
    this.#timer = setTimeout(this.#onTooSlow, this.#timeoutMs)
    this.#response.once('drain', () => {
      this.stop()
      onDrained()
    })
  }

  /** The last bytes may be megabytes; a client that takes nothing of them for too long is cut as in the middle. */
  awaitEnd(): void {
    if (this.#response.writableLength > 0) this.#response.setTimeout(this.#timeoutMs, this.#onTooSlow)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
