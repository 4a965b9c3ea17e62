import { type CodeRange, complement } from './code-points.ts'

export type PatternNode =
  | { readonly kind: 'class'; readonly ranges: readonly CodeRange[] }
  | { readonly kind: 'all' | 'any'; readonly nodes: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly node: PatternNode; readonly least: number; readonly most: number | undefined }

export interface PatternBranch {
  readonly node: PatternNode
  readonly isAtStart: boolean
  readonly isAtEnd: boolean
}

/** A regular expression as far as a grammar can say it; `undefined` beyond that. */
export function readPattern(pattern: string): readonly PatternBranch[] | undefined {
  const reader = new PatternReader(pattern)
  try {
    return reader.branches()
  } catch (error) {
    if (error === unreadable) return undefined
    throw error
  }
}

/** Thrown and caught here. */
const unreadable = new Error('not a pattern that a grammar can say')

const repeatMax = 500
const depthMax = 20

class PatternReader {
  readonly #text: readonly string[]
  #at = 0

  constructor(pattern: string) {
    this.#text = Array.from(pattern)
  }

  branches(): readonly PatternBranch[] {
    const branches = [this.#branch()]
    while (this.#takes('|')) branches.push(this.#branch())
    if (this.#at < this.#text.length) throw unreadable
    return branches
  }

  #branch(): PatternBranch {
    const isAtStart = this.#takes('^')
    const node = this.#sequence(0)
    return { node, isAtStart, isAtEnd: this.#takes('$') }
  }

  #sequence(depth: number): PatternNode {
    if (depth > depthMax) throw unreadable
    const nodes: PatternNode[] = []
    while (this.#at < this.#text.length && !'|)$'.includes(this.#next)) nodes.push(this.#repeated(this.#single(depth)))
    return { kind: 'all', nodes }
  }

  #single(depth: number): PatternNode {
    const character = this.#take()
    if (character === '(') return this.#group(depth)
    if (character === '[') return { kind: 'class', ranges: this.#class() }
    if (character === '.') return { kind: 'class', ranges: complement(lineBreaks) }
    if (character === '\\') return { kind: 'class', ranges: this.#escape() }
    if ('^*+?{'.includes(character)) throw unreadable
    return { kind: 'class', ranges: [rangeOf(character)] }
  }

  #group(depth: number): PatternNode {
    if (this.#takes('?') && !(this.#takes(':') || this.#takesName())) throw unreadable
    const nodes = [this.#sequence(depth + 1)]
    while (this.#takes('|')) nodes.push(this.#sequence(depth + 1))
    if (!this.#takes(')')) throw unreadable
    return { kind: 'any', nodes }
  }

  #takesName(): boolean {
    const [name] = /^<[A-Za-z_]\w*>/.exec(this.#text.slice(this.#at, this.#at + 64).join('')) ?? []
    this.#at += name?.length ?? 0
    return name !== undefined
  }

  #repeated(node: PatternNode): PatternNode {
    const counts = this.#counts()
    if (counts === undefined) return node
    // How eagerly it is matched makes no difference to what is.
    this.#takes('?')
    return { kind: 'repeat', node, ...counts }
  }

  #counts(): { readonly least: number; readonly most: number | undefined } | undefined {
    if (this.#takes('*')) return { least: 0, most: undefined }
    if (this.#takes('+')) return { least: 1, most: undefined }
    if (this.#takes('?')) return { least: 0, most: 1 }
    if (this.#next !== '{') return undefined
    const [written, least = '', comma, most = ''] =
      /^\{(\d+)(,?)(\d*)\}/.exec(this.#text.slice(this.#at, this.#at + 16).join('')) ?? []
    if (written === undefined) throw unreadable
    this.#at += written.length
    const counts = { least: Number(least), most: comma === '' ? Number(least) : most === '' ? undefined : Number(most) }
    if (Math.max(counts.least, counts.most ?? 0) > repeatMax) throw unreadable
    return counts
  }

  #class(): readonly CodeRange[] {
    const isNegated = this.#takes('^')
    const ranges: CodeRange[] = []
    while (!this.#takes(']')) {
      const low = this.#member()
      const isRange = this.#next === '-' && this.#text[this.#at + 1] !== ']' && this.#at + 1 < this.#text.length
      if (!isRange) {
        ranges.push(...low)
        continue
      }
      this.#at++
      const [[from] = [0], ...others] = low
      const [[to] = [0], ...more] = this.#member()
      if (others.length > 0 || more.length > 0 || to < from) throw unreadable
      ranges.push([from, to])
    }
    return isNegated ? complement(ranges) : ranges
  }

  #member(): readonly CodeRange[] {
    const character = this.#take()
    return character === '\\' ? this.#escape() : [rangeOf(character)]
  }

  #escape(): readonly CodeRange[] {
    const character = this.#take()
    const known = classes[character]
    if (known !== undefined) return known
    if (character === 'x') return [this.#code(2)]
    if (character === 'u') return [this.#code(4)]
    // Edges of words, what was found before, properties of Unicode.
    if (/[a-z0-9]/i.test(character)) throw unreadable
    return [rangeOf(character)]
  }

  #code(length: number): CodeRange {
    const digits = this.#text.slice(this.#at, this.#at + length).join('')
    if (digits.length < length || !/^[\da-f]+$/i.test(digits)) throw unreadable
    this.#at += length
    const code = Number.parseInt(digits, 16)
    return [code, code]
  }

  get #next(): string {
    return this.#text[this.#at] ?? ''
  }

  #take(): string {
    const character = this.#text[this.#at++]
    if (character === undefined) throw unreadable
    return character
  }

  #takes(character: string): boolean {
    if (this.#next !== character) return false
    this.#at++
    return true
  }
}

function rangeOf(character: string): CodeRange {
  const code = character.codePointAt(0) ?? 0
  return [code, code]
}

const lineBreaks: readonly CodeRange[] = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x20_28, 0x20_29],
]

const digits: readonly CodeRange[] = [[0x30, 0x39]]
const wordCharacters: readonly CodeRange[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]
/** Those that models write; what is no space is none of all that there are. */
const spaces: readonly CodeRange[] = [
  [0x09, 0x0d],
  [0x20, 0x20],
]
const allSpaces: readonly CodeRange[] = [
  ...spaces,
  [0xa0, 0xa0],
  [0x16_80, 0x16_80],
  [0x20_00, 0x20_0a],
  [0x20_28, 0x20_29],
  [0x20_2f, 0x20_2f],
  [0x20_5f, 0x20_5f],
  [0x30_00, 0x30_00],
  [0xfe_ff, 0xfe_ff],
]

const classes: Readonly<Record<string, readonly CodeRange[]>> = {
  d: digits,
  D: complement(digits),
  w: wordCharacters,
  W: complement(wordCharacters),
  s: spaces,
  S: complement(allSpaces),
  n: [[0x0a, 0x0a]],
  r: [[0x0d, 0x0d]],
  t: [[0x09, 0x09]],
  f: [[0x0c, 0x0c]],
  v: [[0x0b, 0x0b]],
}
