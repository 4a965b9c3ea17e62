import { hash } from 'node:crypto'

/** A server keeps each in every session: beyond these nothing gets a name. What requests ask is a tenth of that. */
const textsMax = 256

/** Before this a statement may be one of a kind. */
const seenFirst = 3

/**
 * Names for the statements that are asked again and again, so that a session takes each apart and plans it once: with what
 * requests ask of the store that is half of the time. The same text always has the same name.
 */
export class StatementNames {
  /** How often each was seen, or its name; the one that was asked for last stands last. */
  readonly #known = new Map<string, number | string>()

  /** Undefined for one that is not worth it yet. */
  nameOf(text: string): string | undefined {
    const known = this.#known.get(text) ?? 0
    const next = typeof known === 'string' ? known : known + 1 < seenFirst ? known + 1 : `llmr-${hash('sha1', text)}`
    this.#known.delete(text)
    this.#known.set(text, next)
    if (this.#known.size > textsMax) this.#forgetOldest()
    return typeof next === 'string' ? next : undefined
  }

  #forgetOldest(): void {
    for (const [text, known] of this.#known) {
      // Sessions keep those that have a name, so it is never taken from them.
      if (typeof known === 'string') continue
      this.#known.delete(text)
      return
    }
  }
}
