import { setTimeout as delay } from 'node:timers/promises'

import { isMemoryBack } from './is-memory-back.ts'
import type { MemoryProbe, MemoryReading } from './memory-probe.ts'

/** After this it is better to try the next start than to wait on: drivers lie, and its failure would be explained. */
const waitMaxMs = 5_000

const pollMs = 30

/** Follows what one run of an engine takes of one pool, so that the next start finds it given back. */
export class MemoryWatch {
  readonly #probe: MemoryProbe
  readonly #beforeLoad: Promise<MemoryReading>
  #loaded: Promise<MemoryReading> = Promise.resolve({})
  #beforeStop: MemoryReading = {}

  /** Begins to look at once and does not hold the start up: an engine needs longer than this before it takes memory. */
  constructor(probe: MemoryProbe) {
    this.#probe = probe
    this.#beforeLoad = probe.read([])
  }

  loaded(pids: readonly number[]): void {
    this.#loaded = this.#probe.read(pids)
  }

  async stopping(pids: readonly number[]): Promise<void> {
    this.#beforeStop = await this.#probe.read(pids)
  }

  /** Resolves true when its memory has been seen free, false when that did not happen within five seconds. */
  async freed(pids: readonly number[]): Promise<boolean> {
    const use = { beforeLoad: await this.#beforeLoad, loaded: await this.#loaded, beforeStop: this.#beforeStop }
    const deadline = performance.now() + waitMaxMs
    while (!isMemoryBack(use, await this.#probe.read(pids))) {
      if (performance.now() >= deadline) return false
      await delay(pollMs)
    }
    return true
  }
}
