/** Numbers that look random and are the same for the same seed (xorshift). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b9) >>> 0 || 1
  }

  /** From 0 up to, but without, so much. */
  number(below: number): number {
    let state = this.#state
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state >>> 0
    return Math.floor((this.#state / 2 ** 32) * below)
  }

  chance(share: number): boolean {
    return this.number(1_000_000) < share * 1_000_000
  }

  pick<Item>(items: readonly [Item, ...Item[]] | readonly Item[]): Item {
    const item = items[this.number(items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }

  fork(): Random {
    return new Random(this.number(2 ** 31))
  }
}
