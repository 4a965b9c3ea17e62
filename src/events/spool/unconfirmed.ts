import type { BusEvent } from '../../core/bus.ts'
import type { SpoolEntry } from './spool-entry.ts'

/** What is asked about; its content stays on the disk. */
export type EventName = Pick<BusEvent, 'id' | 'subject'>

interface Published {
  readonly name: EventName
  readonly entry: SpoolEntry
  readonly publishedMs: number
  /** The bus's, when it was handed over. */
  readonly epoch: string | undefined
}

/** Longer than the broker takes a repeat for one. */
const republishAfterMs = 15 * 60_000

/** What was published and is not known to have been worked on: it may have to be published again. */
export class Unconfirmed {
  readonly #published = new Map<string, Published>()

  get size(): number {
    return this.#published.size
  }

  add(published: Published): void {
    this.#published.set(published.name.id, published)
  }

  /** Those that have not been asked about for longest. */
  next(most: number): readonly EventName[] {
    return this.#published
      .values()
      .take(most)
      .map(({ name }) => name)
      .toArray()
  }

  /** They have been worked on; their entries can be settled. */
  confirmed(names: readonly EventName[]): readonly SpoolEntry[] {
    return names.flatMap(({ id }) => {
      const found = this.#published.get(id)
      this.#published.delete(id)
      return found === undefined ? [] : [found.entry]
    })
  }

  /** They were asked about in vain, and go behind the others. */
  postpone(names: readonly EventName[]): void {
    for (const { id } of names) {
      const found = this.#published.get(id)
      if (found === undefined) continue
      this.#published.delete(id)
      this.#published.set(id, found)
    }
  }

  /** Takes out what the bus may have lost: all that it got in another epoch, and what nobody has worked on for too long. */
  takeLost(now: { readonly ms: number; readonly epoch: string | undefined }): readonly SpoolEntry[] {
    const lost = [...this.#published.values()].filter(
      ({ epoch, publishedMs }) => epoch !== now.epoch || now.ms - publishedMs >= republishAfterMs,
    )
    for (const { name } of lost) this.#published.delete(name.id)
    return lost.map(({ entry }) => entry)
  }
}
