/**
 * Looks, as text comes, whether it begins with what stood from one of some places to the end of another text. White space
 * is looked past: models set it anew. Of two that fit the longer is the echo. Owned by one answer.
 */
export class EchoSearch {
  readonly #said: string
  /** Where an echo may still begin. */
  #starts: readonly number[]
  #heard = ''
  /** For each unit of `heard`, the place behind it in the text. */
  readonly #ends: number[] = []
  #length = 0
  #found: { readonly start: number; readonly end: number } | undefined

  /**
   * @param said without white space
   * @param starts places in it, rising
   */
  constructor(said: string, starts: readonly number[]) {
    this.#said = said
    this.#starts = starts
  }

  push(text: string): void {
    if (this.#starts.length === 0) return
    for (const unit of text.split('')) {
      this.#length++
      if (isSpace.test(unit)) continue
      this.#heard += unit
      this.#ends.push(this.#length)
    }
    this.#starts = this.#starts.filter((start) => {
      const length = this.#said.length - start
      if (this.#heard.length < length) return this.#said.startsWith(this.#heard, start)
      if (this.#said.endsWith(this.#heard.slice(0, length))) this.#settle(start, length)
      return false
    })
  }

  /** An echo, or a longer one, may still come. */
  get mayCome(): boolean {
    const first = this.#starts[0]
    return first !== undefined && (this.#found === undefined || first < this.#found.start)
  }

  /** Characters of the text that are echo. */
  get length(): number | undefined {
    return this.#found?.end
  }

  #settle(start: number, length: number): void {
    if (this.#found !== undefined && this.#found.start <= start) return
    this.#found = { start, end: this.#ends[length - 1] ?? this.#length }
  }
}

const isSpace = /\s/
