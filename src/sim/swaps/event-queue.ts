/** What is still to happen, the earliest first; of the same time, what was added first. */
export class EventQueue<Entry> {
  readonly #heap: { readonly atMs: number; readonly order: number; readonly entry: Entry }[] = []
  #order = 0

  add(atMs: number, entry: Entry): void {
    const heap = this.#heap
    const added = { atMs, order: this.#order, entry }
    this.#order += 1
    let index = heap.length
    for (let parent = (index - 1) >> 1; index > 0; parent = (index - 1) >> 1) {
      const above = heap[parent]
      if (above === undefined || !isBefore(added, above)) break
      heap[index] = above
      index = parent
    }
    heap[index] = added
  }

  next(): { readonly atMs: number; readonly entry: Entry } | undefined {
    const heap = this.#heap
    const [first] = heap
    const moved = heap.pop()
    if (moved === undefined || heap.length === 0) return first
    let index = 0
    for (;;) {
      const left = heap[2 * index + 1]
      const right = heap[2 * index + 2]
      if (left === undefined) break
      const least = right !== undefined && isBefore(right, left) ? right : left
      if (!isBefore(least, moved)) break
      heap[index] = least
      index = 2 * index + (least === right ? 2 : 1)
    }
    heap[index] = moved
    return first
  }
}

function isBefore(one: { atMs: number; order: number }, other: { atMs: number; order: number }): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order)
}
