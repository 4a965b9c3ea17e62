export interface Random {
  /** In [0, 1). */
  next(): number
  /** In [from, to]. */
  integer(from: number, to: number): number
  isTrue(probability: number): boolean
  pick<Item>(items: readonly [Item, ...Item[]]): Item
}

/** The same numbers for the same seed: a multiplicative congruential generator with a mixed output (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const integer = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1))
  return {
    next,
    integer,
    isTrue: (probability) => next() < probability,
    pick: (items) => items[integer(0, items.length - 1)] ?? items[0],
  }
}
