/** A request may name thousands of things that nobody here knows; the log needs some of them. */
const namesMax = 20
const nameMaxLength = 64

/** Collects what a reader left out of a request: names of fields and types, never content, each once. */
export class Omissions {
  readonly #names = new Set<string>()

  add(name: string): void {
    if (this.#names.size < namesMax) this.#names.add(name.slice(0, nameMaxLength))
  }

  get notes(): readonly string[] {
    return [...this.#names]
  }
}
