import { must } from './must.ts'
import type { Standing } from './standing.ts'

/**
 * The rule that the bounded wait rests on: of the swaps that put a model out, at least every second is for an overdue
 * request; and when it is such a request's turn and no room can be made for it, nobody else takes what is free.
 */
export class OverdueTurns {
  readonly #maxWaitMs: number
  readonly #seen = new Set<string>()
  #startedAtOnce: string[] = []
  #isOverdueTurn = true

  constructor(maxWaitMs: number) {
    this.#maxWaitMs = maxWaitMs
  }

  started(model: string): void {
    if (!this.#seen.delete(model)) this.#startedAtOnce.push(model)
  }

  after({ phases, swaps, oldestAtMs, nowMs }: Standing): void {
    const fresh = swaps.filter(({ target }) => !this.#seen.has(target))
    const isOverdue = (model: string): boolean => nowMs - (oldestAtMs.get(model) ?? Infinity) >= this.#maxWaitMs
    const passedOver = [...phases].filter(
      ([name, phase]) => phase === 'absent' && isOverdue(name) && !swaps.some(({ target }) => target === name),
    )
    const wasOverdueTurn = this.#isOverdueTurn
    for (const { evict, isForced } of fresh) if (evict.length > 0) this.#isOverdueTurn = !isForced

    const others = [...this.#startedAtOnce, ...fresh.map(({ target }) => target)].filter((name) => !isOverdue(name))
    const [first] = passedOver
    if (wasOverdueTurn && !fresh.some(({ isForced }) => isForced) && first !== undefined) {
      must(others.length === 0, `${others.join(', ')} may come in though it is the turn of ${first[0]}`)
    }
    this.#seen.clear()
    for (const { target } of swaps) this.#seen.add(target)
    this.#startedAtOnce = []
  }
}
