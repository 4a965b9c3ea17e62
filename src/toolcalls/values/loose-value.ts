import { isSpace } from './is-space.ts'
import {
  closingQuotes,
  escapes,
  forgottenComma,
  keyEnds,
  literals,
  sum,
  tripleQuotes,
  valueEnds,
  windowsPath,
} from './loose-words.ts'

export interface LooseOptions {
  /** Opens and closes a string in which no character is special. */
  readonly rawQuote?: string
  /** Words without quotes are strings. */
  readonly hasBareWords?: boolean
  /** It stands among the arguments of a call, which a round bracket ends. */
  readonly isArgument?: boolean
  /** Brackets left open at the end of the text count as closed, when a value stood last. */
  readonly mayBeCut?: boolean
}

export interface LooseValue {
  readonly value: unknown
  /** Behind the value. */
  readonly end: number
}

/**
 * Reads a value that was meant to be JSON: also Python's literals, tuples and quotes, bare keys, trailing commas,
 * comments, line breaks and quotes inside strings. `undefined` where it would have to guess. Bounded in depth and
 * linear in length. Escapes that JSON does not know keep their backslash, so that Windows paths and patterns survive.
 */
export function readLooseValue(text: string, from = 0, options: LooseOptions = {}): LooseValue | undefined {
  const reader = new LooseReader(text, from, options)
  try {
    const value = reader.value(0)
    return { value, end: reader.at }
  } catch (error) {
    if (error === unreadable) return undefined
    throw error
  }
}

/** Nested deeper than this, a text is an attack and no argument. */
const depthMax = 128

/** Thrown and caught here. Made once: an adversary's text would have thousands of stacks captured. */
const unreadable = new Error('not a value')

class LooseReader {
  at: number
  readonly #text: string
  readonly #options: LooseOptions
  /** Round brackets that are open. */
  #rounds = 0

  constructor(text: string, from: number, options: LooseOptions) {
    this.#text = text
    this.at = from
    this.#options = options
  }

  value(depth: number): unknown {
    if (depth > depthMax) throw unreadable
    this.#skip()
    const raw = this.#options.rawQuote
    if (raw !== undefined && this.#text.startsWith(raw, this.at)) return this.#rawString(raw)
    const char = this.#text[this.at]
    if (char === '{') return this.#object(depth)
    if (char === '[') return this.#list(depth, ']')
    if (char === '(') return this.#tuple(depth)
    const triple = tripleQuotes.find((quote) => this.#text.startsWith(quote, this.at))
    if (triple !== undefined) return this.#rawString(triple)
    if (char !== undefined && char in closingQuotes) return this.#string(char)
    return this.#word()
  }

  #object(depth: number): unknown {
    this.at++
    const members: [string, unknown][] = []
    for (;;) {
      this.#skip()
      if (this.#closes('}', members.length > 0)) return Object.fromEntries(members)
      // Templates that escape braces teach models to double them.
      if (members.length === 0 && this.#text[this.at] === '{') {
        const inner = this.value(depth + 1)
        this.#skip()
        if (this.#closes('}', true)) return inner
        throw unreadable
      }
      const key = this.#key()
      this.#skip()
      if (this.#text[this.at] !== ':' && this.#text[this.at] !== '=') throw unreadable
      this.at++
      members.push([key, this.value(depth + 1)])
      this.#separator('}')
    }
  }

  #tuple(depth: number): unknown[] {
    this.#rounds++
    const items = this.#list(depth, ')')
    this.#rounds--
    return items
  }

  #list(depth: number, closing: string): unknown[] {
    this.at++
    const items: unknown[] = []
    for (;;) {
      this.#skip()
      if (this.#closes(closing, items.length > 0)) return items
      items.push(this.value(depth + 1))
      this.#separator(closing)
    }
  }

  #closes(closing: string, hasMembers: boolean): boolean {
    if (this.#text[this.at] === closing) {
      this.at++
      return true
    }
    if (this.at < this.#text.length) return false
    if (this.#options.mayBeCut !== true || !hasMembers || /[,:{[]\s*$/.test(this.#text.slice(-32))) throw unreadable
    return true
  }

  /** A comma; models forget it at line ends, so white space or the closing bracket will do. */
  #separator(closing: string): void {
    const before = this.at
    this.#skip()
    if (this.#text[this.at] === ',') this.at++
    else if (this.at === before && this.at < this.#text.length && this.#text[this.at] !== closing) throw unreadable
  }

  #key(): string {
    const raw = this.#options.rawQuote
    if (raw !== undefined && this.#text.startsWith(raw, this.at)) return this.#rawString(raw)
    const char = this.#text[this.at]
    if (char !== undefined && char in closingQuotes) return this.#string(char, keyEnds)
    const key = this.#match(/[\p{L}_$][\p{L}\p{N}_$.-]*/uy)
    if (key === undefined) throw unreadable
    return key
  }

  #rawString(quote: string): string {
    const start = this.at + quote.length
    const end = this.#text.indexOf(quote, start)
    if (end === -1) throw unreadable
    this.at = end + quote.length
    return this.#text.slice(start, end)
  }

  #string(opening: string, ends = valueEnds): string {
    const closing = closingQuotes[opening] ?? opening
    const start = this.at + 1
    const parts: string[] = []
    let from = ++this.at
    for (; this.at < this.#text.length; this.at++) {
      const char = this.#text[this.at]
      if (char === '\\') {
        parts.push(this.#text.slice(from, this.at), this.#escape())
        from = this.at + 1
      } else if (char === closing && this.#isStringEnd(ends)) {
        parts.push(this.#text.slice(from, this.at++))
        const written = this.#text.slice(start, this.at - 1)
        return windowsPath.test(written) ? written : parts.join('')
      }
    }
    throw unreadable
  }

  /**
   * A quote ends a string only where something may follow one: `"say "hi" twice"` is one string. Texts that are added up are
   * code, and no value.
   */
  #isStringEnd(ends: string): boolean {
    let at = this.at + 1
    let isLineEnd = false
    for (; at < this.#text.length && isSpace(this.#text.charCodeAt(at)); at++) isLineEnd ||= this.#text[at] === '\n'
    const next = this.#text[at]
    if (next === '+' && this.#follows(sum)) throw unreadable
    if (next === ')') return this.#rounds > 0 || this.#options.isArgument === true || isLineEnd
    return next === undefined || ends.includes(next) || isLineEnd || this.#follows(forgottenComma)
  }

  /** What stands behind the quote. */
  #follows(pattern: RegExp): boolean {
    pattern.lastIndex = this.at + 1
    return pattern.test(this.#text)
  }

  /** Leaves `at` on the last character of the escape. */
  #escape(): string {
    const char = this.#text[++this.at] ?? ''
    if (char === 'u') {
      const digits = this.#text.slice(this.at + 1, this.at + 5)
      if (!/^[\da-f]{4}$/i.test(digits)) return String.raw`\u`
      this.at += 4
      return String.fromCharCode(Number.parseInt(digits, 16))
    }
    return escapes[char] ?? `\\${char}`
  }

  #word(): unknown {
    const number = this.#match(/-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?(?![\w.])/iy)
    if (number !== undefined) return Number(number)
    const word = this.#match(this.#options.hasBareWords === true ? /[^,{}[\]\n]+/y : /[A-Za-z]+(?!\w)/y)?.trim()
    if (word === undefined || word === '') throw unreadable
    if (Object.hasOwn(literals, word)) return literals[word]
    if (this.#options.hasBareWords === true) return word
    throw unreadable
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const [found] = pattern.exec(this.#text) ?? []
    if (found !== undefined) this.at += found.length
    return found
  }

  #skip(): void {
    for (;;) {
      while (this.at < this.#text.length && isSpace(this.#text.charCodeAt(this.at))) this.at++
      const isPython = this.#text.startsWith('# ', this.at)
      if (!isPython && !this.#text.startsWith('//', this.at) && !this.#text.startsWith('/*', this.at)) return
      const isLine = isPython || this.#text[this.at + 1] === '/'
      const end = this.#text.indexOf(isLine ? '\n' : '*/', this.at + 2)
      this.at = end === -1 ? this.#text.length : end + (isLine ? 1 : 2)
    }
  }
}
