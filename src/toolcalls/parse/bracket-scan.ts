import { isSpace } from '../values/is-space.ts'

export interface ScanStop {
  readonly at: number
  /** The outermost bracket has its match; `at` is behind it. */
  readonly isClosed: boolean
}

/**
 * Finds the end of a value in brackets over text that comes in pieces. Strings are in double quotes, or in single quotes
 * where a value may begin, so that an apostrophe in prose opens none.
 */
export class BracketScan {
  #depth = 0
  #quote = 0
  #isEscaped = false
  #isValueNext = true

  run(text: string, from: number): ScanStop {
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (this.#quote !== 0) {
        this.#inString(code)
        continue
      }
      if (isSpace(code)) continue
      if (isOpening(code)) this.#depth++
      else if (isClosing(code) && --this.#depth === 0) return { at: at + 1, isClosed: true }
      else if (code === doubleQuote || (code === singleQuote && this.#isValueNext)) this.#quote = code
      this.#isValueNext = isOpening(code) || code === comma || code === colon || code === equals
    }
    return { at: text.length, isClosed: false }
  }

  #inString(code: number): void {
    if (this.#isEscaped) this.#isEscaped = false
    else if (code === backslash) this.#isEscaped = true
    else if (code === this.#quote) this.#quote = 0
  }
}

const backslash = 0x5c
const doubleQuote = 0x22
const singleQuote = 0x27
const comma = 0x2c
const colon = 0x3a
const equals = 0x3d

function isOpening(code: number): boolean {
  return code === 0x7b || code === 0x5b || code === 0x28
}

function isClosing(code: number): boolean {
  return code === 0x7d || code === 0x5d || code === 0x29
}
