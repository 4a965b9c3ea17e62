/** Happenings to come, the earliest first; of the same time, the one added first. */
export class EventHeap<Entry> {
  readonly #entries: { readonly atMs: number; readonly order: number; readonly entry: Entry }[] = []
  #order = 0

  push(atMs: number, entry: Entry): void {
    const added = { atMs, order: this.#order, entry }
    this.#order += 1
    let index = this.#entries.push(added) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.#isBefore(index, parent)) return
      this.#swap(index, parent)
      index = parent
    }
  }

  pop(): { readonly atMs: number; readonly entry: Entry } | undefined {
    const first = this.#entries[0]
    const last = this.#entries.pop()
    if (first === undefined || last === undefined || this.#entries.length === 0) return first
    this.#entries[0] = last
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      if (left >= this.#entries.length) return first
      const least = left + 1 < this.#entries.length && this.#isBefore(left + 1, left) ? left + 1 : left
      if (!this.#isBefore(least, index)) return first
      this.#swap(index, least)
      index = least
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [left, right] = [this.#entries[one]!, this.#entries[other]!]
    return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order)
  }

  #swap(one: number, other: number): void {
    const entry = this.#entries[one]!
    this.#entries[one] = this.#entries[other]!
    this.#entries[other] = entry
  }
}
