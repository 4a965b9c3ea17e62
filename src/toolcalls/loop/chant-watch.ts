import { type Chant, type ChantGuard, createChantGuard } from './chant-guard.ts'

/** Hears what one reply says and what it thinks, each for itself: a chant in either is one. */
export class ChantWatch {
  readonly #onFound: (chant: Chant) => void
  #text: ChantGuard = createChantGuard()
  #thoughts: ChantGuard = createChantGuard()
  #isFound = false

  constructor(onFound: (chant: Chant) => void) {
    this.#onFound = onFound
  }

  /** True from the first chant on. */
  hear({ type, text }: { readonly type: 'text' | 'reasoning'; readonly text: string }): boolean {
    if (this.#isFound) return true
    const chant = (type === 'text' ? this.#text : this.#thoughts).push(text)
    if (chant === undefined) return false
    this.#isFound = true
    this.#onFound(chant)
    return true
  }

  /** Another reply of the same engine begins. */
  restart(): void {
    this.#text = createChantGuard()
    this.#thoughts = createChantGuard()
    this.#isFound = false
  }
}
