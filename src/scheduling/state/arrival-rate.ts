/**
 * How often a model is asked for, from its last few arrivals: high in a burst, falling by itself when nobody comes. A
 * group of requests that returns after hours is seen with its first ones.
 */
export class ArrivalRate {
  readonly #arrivals: { readonly atMs: number; readonly weight: number }[] = []

  add(atMs: number, weight: number): void {
    this.#arrivals.push({ atMs, weight })
    if (this.#arrivals.length > remembered) this.#arrivals.shift()
  }

  /**
   * Arrivals a millisecond. The time to load counts as part of the span: without it one fresh arrival would be an
   * infinite rate, and it is the span over which the rate is used.
   */
  perMs({ nowMs, loadMs }: { readonly nowMs: number; readonly loadMs: number }): { count: number; weighted: number } {
    const [first] = this.#arrivals
    if (first === undefined) return { count: 0, weighted: 0 }
    const spanMs = Math.max(1, nowMs - first.atMs + loadMs)
    const weight = this.#arrivals.reduce((sum, arrival) => sum + arrival.weight, 0)
    return { count: this.#arrivals.length / spanMs, weighted: weight / spanMs }
  }
}

const remembered = 5
