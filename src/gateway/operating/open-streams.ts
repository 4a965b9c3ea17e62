import { LlmrError } from '../../core/error.ts'
import type { Exchange } from '../../http/exchange.ts'

/**
 * Replies that have no end of their own: a shutdown would wait for them until its bound. So many at once and no more,
 * since each costs something at every change.
 */
export class OpenStreams {
  readonly #most: number
  readonly #ends = new Map<Exchange, () => void>()
  #isClosed = false

  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#ends.size
  }

  /**
   * @param end to be called once, when the client leaves or the gateway closes; not when the reply ends by itself
   * @throws LlmrError when there are too many, or it is too late
   */
  add(exchange: Exchange, end: () => void): void {
    if (this.#isClosed) throw new LlmrError('shutting_down', 'llmr is shutting down; ask again in a moment.')
    if (this.#ends.size >= this.#most) {
      throw new LlmrError('queue_full', `There are ${this.#most} streams of this kind open, which is the most.`, {
        retryAfterSeconds: 10,
      })
    }
    this.#ends.set(exchange, end)
    exchange.onClientGone(() => {
      if (this.#ends.delete(exchange)) end()
    })
  }

  /** Ends them all in good order. May be called twice. */
  close(): void {
    this.#isClosed = true
    for (const [exchange, end] of this.#ends) {
      this.#ends.delete(exchange)
      end()
      exchange.end()
    }
  }
}
