/** The mean of what was measured, the newest counting most; a guess until something has been. */
export class RunningMean {
  #value: number
  #isMeasured = false
  readonly #newestShare: number

  /** @param newestShare how much of a new measurement goes into the mean, above 0 and at most 1. */
  constructor(guess: number, newestShare: number) {
    this.#value = guess
    this.#newestShare = newestShare
  }

  get value(): number {
    return this.#value
  }

  get isMeasured(): boolean {
    return this.#isMeasured
  }

  add(measured: number): void {
    this.#value = this.#isMeasured ? this.#value + this.#newestShare * (measured - this.#value) : measured
    this.#isMeasured = true
  }

  /** A better guess; what has been measured stays as it is. */
  guess(value: number): void {
    if (!this.#isMeasured) this.#value = value
  }

  /** Somebody knows better than all measurements so far. */
  set(value: number): void {
    this.#value = value
    this.#isMeasured = true
  }
}
