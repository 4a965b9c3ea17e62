/**
 * Lets a bounded number of requests through to one backend; the rest wait in order. Every waiter ends: it gets its turn,
 * or leaves with its client, or its request runs out of time elsewhere.
 */
export class AdmissionGate {
  readonly #limit: number
  #inside = 0
  readonly #waiting: Waiter[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** True: in, and `leave` is owed. False: full; `wait` for a turn. */
  tryEnter(): boolean {
    if (this.#inside >= this.#limit) return false
    this.#inside++
    return true
  }

  /** Resolves with true when it is this caller's turn (`leave` is owed then), false once `onCancel` was told to stop. */
  wait(onCancel: (cancel: () => void) => void): Promise<boolean> {
    return new Promise((resolve) => {
      const waiter: Waiter = { resolve }
      this.#waiting.push(waiter)
      onCancel(() => {
        const at = this.#waiting.indexOf(waiter)
        if (at === -1) return
        this.#waiting.splice(at, 1)
        resolve(false)
      })
    })
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#inside--
    else next.resolve(true) // the place goes from hand to hand
  }
}

interface Waiter {
  resolve(isTurn: boolean): void
}
