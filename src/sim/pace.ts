import { setImmediate, setTimeout } from 'node:timers/promises'

import type { Clock } from '../core/clock.ts'

/** `setTimeout` fires at once for anything longer. */
const timerMaxMs = 2 ** 31 - 1

/** Simulated time: as many real milliseconds as the scale says. */
export class Pace {
  readonly #clock: Clock
  readonly #timeScale: number
  readonly #wait: (ms: number, signal: AbortSignal) => Promise<void>

  constructor({ clock, timeScale, wait = delay }: PaceOptions) {
    this.#clock = clock
    this.#timeScale = timeScale
    this.#wait = wait
  }

  /** A stopwatch; waiting by it does not drift however short the steps. */
  start(): Stopwatch {
    const startedAtMs = this.#clock.monotonic()
    return {
      at: async (simulatedMs, signal) => {
        const leftMs = startedAtMs + simulatedMs * this.#timeScale - this.#clock.monotonic()
        // A timer cannot wait for less than a millisecond; what is owed is waited for later.
        await (leftMs < 1 || this.#timeScale === 0 ? nextTurn(signal) : this.#wait(leftMs, signal))
      },
    }
  }
}

export interface PaceOptions {
  readonly clock: Clock
  readonly timeScale: number
  /** How real time is waited for. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

export interface Stopwatch {
  /** Waits until so much simulated time has passed since the start; rejects when the signal says so. */
  at(simulatedMs: number, signal: AbortSignal): Promise<void>
}

/** Waits real time; endless for `Infinity`, until the signal rejects it. */
export async function delay(ms: number, signal: AbortSignal): Promise<void> {
  for (let leftMs = ms; leftMs > 0; leftMs -= timerMaxMs) {
    await setTimeout(Math.min(leftMs, timerMaxMs), undefined, { signal })
  }
}

/** Waits for what a test decides, but no longer than the signal lets it. */
export async function orAborted(waited: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
  if (!waited) return
  const ended = Promise.withResolvers<never>()
  const end = (): void => ended.reject(signal.reason)
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  try {
    await Promise.race([waited, ended.promise])
  } finally {
    signal.removeEventListener('abort', end)
  }
}

/** Even without waiting, other requests get their turn. */
async function nextTurn(signal: AbortSignal): Promise<void> {
  await setImmediate()
  signal.throwIfAborted()
}
