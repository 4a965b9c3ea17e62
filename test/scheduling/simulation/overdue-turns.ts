import type { SchedulerSnapshot } from '../../../src/scheduling/snapshot.ts'
import { must } from './must.ts'

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

  after({ models, swaps, queue }: SchedulerSnapshot): void {
    const fresh = swaps.filter(({ target }) => !this.#seen.has(target))
    const overdue = new Set(queue.filter(({ waitedMs }) => waitedMs >= this.#maxWaitMs).map(({ model }) => model))
    const passedOver = models.filter(
      ({ name, phase }) => phase === 'absent' && overdue.has(name) && !swaps.some(({ target }) => target === name),
    )
    const wasOverdueTurn = this.#isOverdueTurn
    for (const { evict, isForced } of fresh) if (evict.length > 0) this.#isOverdueTurn = !isForced

    const others = [...this.#startedAtOnce, ...fresh.map(({ target }) => target)].filter((name) => !overdue.has(name))
    const [first] = passedOver
    if (wasOverdueTurn && !fresh.some(({ isForced }) => isForced) && first !== undefined) {
      must(others.length === 0, `${others.join(', ')} may come in though it is the turn of ${first.name}`)
    }
    this.#seen.clear()
    for (const { target } of swaps) this.#seen.add(target)
    this.#startedAtOnce = []
  }
}
