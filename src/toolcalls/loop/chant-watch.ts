import { isAskedFor } from './is-asked-for.ts'
import { type Chant, type ChantGuard, createChantGuard } from './chant-guard.ts'

/** Hears what one reply says and what it thinks, each for itself: a chant in either is one. */
export class ChantWatch {
  readonly #onFound: (chant: Chant) => void
  readonly #userText: string
  #text: ChantGuard = createChantGuard()
  #thoughts: ChantGuard = createChantGuard()
  #isFound = false
  /** The person asked for it: nothing in this reply is a chant. */
  #isAsked = false

  /** @param userText what a person asked for last */
  constructor(onFound: (chant: Chant) => void, userText = '') {
    this.#onFound = onFound
    this.#userText = userText
  }

  /** True from the first chant on. */
  hear({ type, text }: { readonly type: 'text' | 'reasoning'; readonly text: string }): boolean {
    if (this.#isFound) return true
    if (this.#isAsked) return false
    const chant = (type === 'text' ? this.#text : this.#thoughts).push(text)
    if (chant === undefined) return false
    this.#isAsked = isAskedFor(chant.unit, this.#userText)
    if (this.#isAsked) return false
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
