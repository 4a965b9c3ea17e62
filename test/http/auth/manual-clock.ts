import type { Clock } from '../../../src/core/clock.ts'

/** Time that moves when the test says so. Both readings start apart, so that one taken for the other shows. */
export class ManualClock implements Clock {
  #elapsedMs = 0
  readonly #startedAtMs: number

  constructor(startedAtMs = Date.UTC(2027, 0, 1)) {
    this.#startedAtMs = startedAtMs
  }

  now = (): number => this.#startedAtMs + this.#elapsedMs

  monotonic = (): number => 1_000 + this.#elapsedMs

  advance(milliseconds: number): void {
    this.#elapsedMs += milliseconds
  }
}
