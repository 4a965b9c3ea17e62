import { RepeatFinder } from './repeat-finder.ts'

/** `begun`: the engine was given the beginning of its message. `asked`: the model was asked to, and to begin with its last words. */
export type HowContinued = 'begun' | 'asked'

/**
 * Joins what a model goes on with to what it had said: what it repeats of that is left out, else the text is joined as it
 * is. Holds text only while it may be a repeat, and never more than what was said before. Owned by one answer.
 */
export class JoinedText {
  readonly #repeats: RepeatFinder | undefined
  readonly #said: string
  /** White space at the end of what was said. The model was not shown it, since templates cut it, and says it again. */
  #trail: string
  #held: string | undefined = ''

  constructor(said: string, how: HowContinued) {
    this.#said = said.trimEnd()
    this.#trail = said.slice(this.#said.length)
    this.#repeats = how === 'asked' ? new RepeatFinder(this.#said) : undefined
  }

  /** What of it belongs behind what was said, as far as that is clear. */
  push(text: string): string {
    if (this.#held === undefined) return this.#withoutTrail(text)
    this.#held += text
    const length = this.#repeats === undefined ? this.#lengthOfAll(this.#held) : this.#repeats.push(text)
    return length === undefined ? '' : this.#give(length)
  }

  /** Nothing more comes. */
  end(): string {
    return this.#held === undefined ? '' : this.#give(this.#repeats?.end() ?? 0)
  }

  #give(repeated: number): string {
    const text = this.#held?.slice(repeated) ?? ''
    this.#held = undefined
    return this.#withoutTrail(text)
  }

  /** Some engines give back all that they were given. */
  #lengthOfAll(held: string): number | undefined {
    const said = this.#said
    if (said.length < wholeMin || !said.startsWith(held.slice(0, said.length))) return 0
    return held.length < said.length ? undefined : said.length
  }

  #withoutTrail(text: string): string {
    let length = 0
    while (length < text.length && text[length] === this.#trail[length]) length++
    this.#trail = length === text.length ? this.#trail.slice(length) : ''
    return text.slice(length)
  }
}

/** Characters. Who goes on with a message repeats nothing by habit. */
const wholeMin = 24
