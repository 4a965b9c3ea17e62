import { isSpace } from '../values/is-space.ts'

export interface ScanStop {
  readonly at: number
  /** `closed`: the outermost bracket has its match, `at` is behind it. `raw-quote`: one opens at `at`. */
  readonly reason: 'closed' | 'raw-quote' | 'more'
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
  readonly #rawQuote: string | undefined

  /** @param rawQuote opens a string in which nothing has a meaning; its reader is the caller. */
  constructor(rawQuote: string | undefined) {
    this.#rawQuote = rawQuote
  }

  run(text: string, from: number, isLast: boolean): ScanStop {
    const raw = this.#rawQuote
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (this.#quote !== 0) {
        this.#inString(code)
        continue
      }
      if (isSpace(code)) continue
      if (raw !== undefined && code === raw.charCodeAt(0)) {
        if (text.startsWith(raw, at)) return { at, reason: 'raw-quote' }
        if (!isLast && raw.startsWith(text.slice(at, at + raw.length))) return { at, reason: 'more' }
      }
      if (isOpening(code)) this.#depth++
      else if (isClosing(code) && --this.#depth === 0) return { at: at + 1, reason: 'closed' }
      else if (code === doubleQuote || (code === singleQuote && this.#isValueNext)) this.#quote = code
      this.#isValueNext = isOpening(code) || code === comma || code === colon || code === equals
    }
    return { at: text.length, reason: 'more' }
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
