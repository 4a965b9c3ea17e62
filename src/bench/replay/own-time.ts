import { median } from '../gateway/quantiles.ts'

/** Enough for one slow start not to count, few enough to follow a machine that gets busy. */
const remembered = 15

/**
 * What llmr itself takes for one kind of work: real time, which on a replay at twenty times the speed would count twenty
 * times. So engines are told to take so much less that it counts once, by what has been measured so far.
 */
export class OwnTime {
  readonly #keptShare: number
  readonly #measured: number[] = []

  /** @param speed simulated seconds in a real one */
  constructor(speed: number) {
    this.#keptShare = 1 - 1 / speed
  }

  /** Milliseconds, median; 0 until something has been measured. */
  get typicalMs(): number {
    return this.#measured.length === 0 ? 0 : Math.max(0, median(this.#measured))
  }

  /**
   * Milliseconds that an engine has to give back of what it was to take. At most half: an engine that cannot get itself
   * started in time gives nothing back, and to ask it for ever more would take its slowness for llmr's.
   */
  giveBackMs(wantedMs: number): number {
    return Math.min(this.typicalMs * this.#keptShare, wantedMs / 2)
  }

  /** A piece of work took `tookMs`, of which its engine was told to take `wantedMs` less what it gives back. */
  observe({ tookMs, wantedMs }: { readonly tookMs: number; readonly wantedMs: number }): void {
    this.#measured.push(tookMs - (wantedMs - this.giveBackMs(wantedMs)))
    if (this.#measured.length > remembered) this.#measured.shift()
  }
}
