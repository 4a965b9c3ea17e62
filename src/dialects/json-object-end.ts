/** Watches the text of a JSON object as it comes, and knows when the object is whole. Each character is looked at once. */
export class JsonObjectEnd {
  #depth = 0
  #isInString = false
  #isEscaped = false
  #isReached = false

  get isReached(): boolean {
    return this.#isReached
  }

  push(text: string): void {
    for (const character of text) this.#step(character)
  }

  #step(character: string): void {
    if (this.#isEscaped) this.#isEscaped = false
    else if (this.#isInString) {
      if (character === '\\') this.#isEscaped = true
      else if (character === '"') this.#isInString = false
    } else if (character === '"') this.#isInString = true
    else if (character === '{' || character === '[') this.#depth++
    else if (character === '}' || character === ']') this.#isReached ||= --this.#depth === 0
  }
}
