import type { Bus, BusEvent } from '../../src/core/bus.ts'

/** A bus of which only the way in is looked at. Fails, hangs or takes what it gets, as it is told. */
export class MemoryBus implements Pick<Bus, 'publish'> {
  mode: 'takes' | 'fails' | 'hangs' = 'takes'
  readonly events: BusEvent[] = []
  attempts = 0
  readonly #waiting = new Set<() => void>()

  publish(events: readonly BusEvent[]): Promise<void> {
    this.attempts += 1
    for (const check of this.#waiting) check()
    if (this.mode === 'hangs') return new Promise(() => undefined)
    if (this.mode === 'fails') return Promise.reject(new Error('no bus'))
    this.events.push(...events)
    for (const check of this.#waiting) check()
    return Promise.resolve()
  }

  /** Resolves when this is true, looked at whenever something is published. */
  until(isReached: (bus: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!isReached(this)) return
        this.#waiting.delete(check)
        resolve()
      }
      this.#waiting.add(check)
      check()
    })
  }

  /** As far as senders need one. */
  asBus(): Bus {
    return this as unknown as Bus
  }
}
