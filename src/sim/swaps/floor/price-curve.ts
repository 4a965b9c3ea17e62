/** A price a millisecond of residency, constant within each bin of time, free before the first and after the last. */
export class PriceCurve {
  readonly widthMs: number
  readonly prices: Float64Array
  readonly #totals: Float64Array
  /** The highest price within the next `horizonBins` bins, from each bin on. */
  readonly #ahead: Float64Array

  constructor(prices: Float64Array, widthMs: number) {
    this.widthMs = widthMs
    this.prices = prices
    this.#totals = new Float64Array(prices.length + 1)
    for (let bin = 0; bin < prices.length; bin += 1) {
      this.#totals[bin + 1] = (this.#totals[bin] ?? 0) + (prices[bin] ?? 0) * widthMs
    }
    this.#ahead = highestAhead(prices)
  }

  /** What residency costs from time 0 to this one. */
  until(ms: number): number {
    if (ms <= 0) return 0
    const bin = Math.floor(ms / this.widthMs)
    if (bin >= this.prices.length) return this.#totals[this.prices.length] ?? 0
    return (this.#totals[bin] ?? 0) + (this.prices[bin] ?? 0) * (ms - bin * this.widthMs)
  }

  /** The highest price from this time on, as far as the horizon; 0 behind the last bin. */
  highestFrom(ms: number): number {
    return this.#ahead[Math.floor(Math.max(0, ms) / this.widthMs)] ?? 0
  }

  isBehind(ms: number): boolean {
    return ms / this.widthMs >= this.prices.length
  }

  /** The next edge of a bin after this time. */
  nextEdge(ms: number): number {
    return (Math.floor(ms / this.widthMs + edgeTolerance) + 1) * this.widthMs
  }
}

export const horizonBins = 64
const edgeTolerance = 1e-9

/** Sliding maximum, from the end. */
function highestAhead(prices: Float64Array): Float64Array {
  const ahead = new Float64Array(prices.length)
  const candidates: number[] = []
  let oldest = 0
  for (let bin = prices.length - 1; bin >= 0; bin -= 1) {
    const price = prices[bin] ?? 0
    while (candidates.length > oldest && (prices[candidates.at(-1) ?? 0] ?? 0) <= price) candidates.pop()
    candidates.push(bin)
    while ((candidates[oldest] ?? 0) >= bin + horizonBins) oldest += 1
    ahead[bin] = prices[candidates[oldest] ?? bin] ?? 0
  }
  return ahead
}
