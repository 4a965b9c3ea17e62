/** Characters of lines kept: some hundred requests. */
const sizeMax = 100 * 1024

export interface TailLine {
  /** Milliseconds since the epoch. */
  readonly atMs: number
  /** Without its line break. */
  readonly text: string
}

/** As it came: a line is made of many pieces, which V8 puts together when somebody looks into it, and most are dropped unseen. */
interface KeptLine {
  readonly atMs: number
  readonly line: string
}

/** The last lines of a log, for whoever looks at it over HTTP. Every request pays for it, so it does next to nothing. */
export class LineTail {
  readonly #listeners = new Set<(line: TailLine) => void>()
  /** A list with a moving head: taking from the front of an array costs its whole length. */
  #lines: KeptLine[] = []
  #head = 0
  #size = 0

  /** @param line with its line break */
  push(line: string): void {
    const kept = { atMs: Date.now(), line }
    this.#lines.push(kept)
    this.#size += line.length
    while (this.#size > sizeMax && this.#head < this.#lines.length - 1) {
      this.#size -= this.#lines[this.#head++]?.line.length ?? 0
    }
    if (this.#head > 512) {
      this.#lines = this.#lines.slice(this.#head)
      this.#head = 0
    }
    for (const listener of this.#listeners) listener(shown(kept))
  }

  /** The lines kept, the oldest first. */
  lines(): readonly TailLine[] {
    return this.#lines.slice(this.#head).map(shown)
  }

  /** Calls the listener with every new line until the function returned is called. */
  follow(listener: (line: TailLine) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}

function shown({ atMs, line }: KeptLine): TailLine {
  return { atMs, text: line.endsWith('\n') ? line.slice(0, -1) : line }
}
