import type { Waiter } from './waiter.ts'

/**
 * The waiters of one model and lane. Principals take turns by the work they have been given; each one's requests keep
 * their order. Start-time fair queueing: a request may start at the later of the queue's virtual time and the end of its
 * principal's work so far, and the least start goes next. So idleness earns no credit, and a principal that floods the
 * queue delays nobody by more than one request.
 *
 * A principal is forgotten when it waits for nothing and virtual time has passed the end of its work.
 */
export class FairQueue {
  readonly #turns = new Map<string, Turn>()
  #virtualTime = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  add(waiter: Waiter): void {
    const turn = this.#turns.get(waiter.principal)
    if (turn) turn.waiters.push(waiter)
    else this.#turns.set(waiter.principal, { waiters: [waiter], workUntil: 0 })
    this.#length += 1
  }

  /** Whose turn it is. */
  next(): Waiter | undefined {
    let best: Waiter | undefined
    let bestStart = Infinity
    for (const { waiters, workUntil } of this.#turns.values()) {
      const [head] = waiters
      if (head === undefined) continue
      const start = Math.max(this.#virtualTime, workUntil)
      if (start < bestStart || (start === bestStart && best !== undefined && head.sequence < best.sequence)) {
        best = head
        bestStart = start
      }
    }
    return best
  }

  /** The one that came first. */
  oldest(): Waiter | undefined {
    let best: Waiter | undefined
    for (const { waiters } of this.#turns.values()) {
      const [head] = waiters
      if (head !== undefined && (best === undefined || head.sequence < best.sequence)) best = head
    }
    return best
  }

  /** Takes the waiter out to be served; its principal is charged `workMs` until `correct` knows better. */
  take(waiter: Waiter, workMs: number): void {
    const turn = this.#turns.get(waiter.principal)
    if (turn === undefined || !this.#remove(turn, waiter)) return
    this.#virtualTime = Math.max(this.#virtualTime, turn.workUntil)
    turn.workUntil = this.#virtualTime + workMs / waiter.weight
    this.#forgetIdle()
  }

  /** It leaves without having been served. */
  drop(waiter: Waiter): void {
    const turn = this.#turns.get(waiter.principal)
    if (turn !== undefined && this.#remove(turn, waiter)) this.#forgetIdle()
  }

  /** The work that was charged turned out to be so many milliseconds more (or less, if negative). */
  correct({
    principal,
    weight,
    byMs,
  }: {
    readonly principal: string
    readonly weight: number
    readonly byMs: number
  }): void {
    const turn = this.#turns.get(principal)
    if (turn) turn.workUntil += byMs / weight
  }

  *[Symbol.iterator](): Iterator<Waiter> {
    for (const { waiters } of this.#turns.values()) yield* waiters
  }

  #remove(turn: Turn, waiter: Waiter): boolean {
    const index = turn.waiters.indexOf(waiter)
    if (index === -1) return false
    turn.waiters.splice(index, 1)
    this.#length -= 1
    return true
  }

  #forgetIdle(): void {
    if (this.#length === 0) {
      this.#turns.clear()
      return
    }
    for (const [principal, { waiters, workUntil }] of this.#turns) {
      if (waiters.length === 0 && workUntil <= this.#virtualTime) this.#turns.delete(principal)
    }
  }
}

interface Turn {
  readonly waiters: Waiter[]
  /** Virtual time at which the work given to it so far ends. */
  workUntil: number
}
