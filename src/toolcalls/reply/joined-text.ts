/**
 * Joins what a model goes on with to what it had said. Models like to begin with their last words, and some engines give
 * back all that they were given: both are left out. Holds text only as long as it may be such a repeat, and never more
 * than what was said before. Owned by one answer.
 */
export class JoinedText {
  readonly #said: string
  readonly #tail: string
  readonly #overlapMin: number
  #held: string | undefined = ''

  /** @param overlapMin characters; what is shorter is no repeat */
  constructor(said: string, overlapMin: number) {
    this.#said = said
    this.#tail = said.slice(-tailMax)
    this.#overlapMin = overlapMin
  }

  /** What of it belongs behind what was said, as far as that is clear. */
  push(text: string): string {
    if (this.#held === undefined) return text
    this.#held += text
    const mayRepeat = this.#tail.includes(this.#held) || this.#said.startsWith(this.#held)
    return mayRepeat ? '' : this.end()
  }

  /** Nothing more comes. */
  end(): string {
    const held = this.#held ?? ''
    this.#held = undefined
    return held.slice(this.#repeatLength(held))
  }

  #repeatLength(text: string): number {
    const said = this.#said
    if (said.length >= this.#overlapMin && text.startsWith(said)) return said.length
    for (let length = Math.min(text.length, this.#tail.length); length >= this.#overlapMin; length--) {
      if (this.#tail.endsWith(text.slice(0, length))) return length
    }
    // Templates cut the space at the end of a message, and the model says it again.
    return said.endsWith(' ') && text.startsWith(' ') ? 1 : 0
  }
}

/** Characters: a long sentence, or a line or two of code. */
const tailMax = 400
