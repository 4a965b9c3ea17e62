import { BackendFailure } from '../../backends/failure.ts'
import type { TrialVerdict } from '../../toolcalls/lane/judge-trials.ts'
import type { LaneBackend } from './lane-backend.ts'

export interface IdleProberParts {
  /** A backend has to have been idle for so long. */
  readonly idleMs: number
  readonly probe: (backend: LaneBackend, model: string, signal: AbortSignal) => Promise<TrialVerdict | undefined>
  readonly onVerdict: (backend: LaneBackend, model: string, verdict: TrialVerdict | undefined) => void
}

/** After so many times in which requests came between, or the engine did not answer, a model stays as it is. */
const triesMax = 5
const waitingMax = 50

interface Wish {
  readonly backend: LaneBackend
  readonly model: string
  tries: number
}

/**
 * Probes models while their backends have nothing to do, one at a time: a probe that a request meets is given up, and made
 * later. Only models in memory, on machines of one's own.
 */
export class IdleProber {
  readonly #parts: IdleProberParts
  readonly #waiting: Wish[] = []
  #timer: NodeJS.Timeout | undefined
  #running: { readonly wish: Wish; readonly stop: AbortController; readonly done: Promise<void> } | undefined
  #isClosed = false

  constructor(parts: IdleProberParts) {
    this.#parts = parts
  }

  /** Does nothing for a model that is waiting already. */
  wish(backend: LaneBackend, model: string): void {
    const isKnown = (wish: Wish): boolean =>
      wish.model === model && wish.backend.settings.name === backend.settings.name
    if (this.#isClosed || this.#waiting.some(isKnown) || this.#waiting.length >= waitingMax) return
    if (this.#running !== undefined && isKnown(this.#running.wish)) return
    this.#waiting.push({ backend, model, tries: 0 })
    this.#schedule()
  }

  /** A request is about to go to this backend: it must not wait for a probe. */
  makeWay(backend: LaneBackend): void {
    if (this.#running?.wish.backend.settings.name === backend.settings.name) this.#running.stop.abort(new MadeWay())
  }

  /** May be called again. Resolves when no probe runs any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#running?.stop.abort(new MadeWay())
    await this.#running?.done
  }

  #schedule(): void {
    if (this.#isClosed || this.#timer !== undefined || this.#running !== undefined || this.#waiting.length === 0) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#next()
    }, this.#parts.idleMs).unref()
  }

  #next(): void {
    const at = this.#waiting.findIndex(({ backend }) => backend.inFlight === 0)
    const [wish] = at === -1 ? [] : this.#waiting.splice(at, 1)
    if (wish === undefined) {
      for (const other of this.#waiting) other.tries++
      this.#waiting.splice(0, Infinity, ...this.#waiting.filter(({ tries }) => tries < triesMax))
      this.#schedule()
      return
    }
    const stop = new AbortController()
    const done = this.#probe(wish, stop.signal).finally(() => {
      this.#running = undefined
      this.#schedule()
    })
    this.#running = { wish, stop, done }
  }

  async #probe(wish: Wish, signal: AbortSignal): Promise<void> {
    const { backend, model } = wish
    try {
      this.#parts.onVerdict(backend, model, await this.#parts.probe(backend, model, signal))
    } catch (error) {
      if (!(error instanceof BackendFailure || error instanceof MadeWay)) throw error
      wish.tries++
      if (wish.tries < triesMax && !this.#isClosed) this.#waiting.push(wish)
    }
  }
}

class MadeWay extends Error {
  override readonly name = 'MadeWay'
}
