import { classOf, type CodeRange, complement, includesCode, without } from './code-points.ts'
import { anyOf, type GrammarRules, literal } from './grammar-rules.ts'
import { jsonRule } from './json-rules.ts'

/** How the characters of a text are written where it stands. */
export interface Alphabet {
  /** Any one character. */
  readonly any: (rules: GrammarRules) => string
  /** One of these; `undefined` where none of them can be written. */
  readonly oneOf: (ranges: readonly CodeRange[]) => string | undefined
}

/** Between double quotes: quotes, backslashes and breaks are escaped. */
export const jsonAlphabet: Alphabet = {
  any: (rules) => jsonRule(rules, 'character'),
  oneOf: (ranges) => {
    const plain = without(ranges, [
      [0, 0x1f],
      [0x22, 0x22],
      [0x5c, 0x5c],
      [0x7f, 0x7f],
    ])
    const written = Object.entries(jsonEscapes)
      .filter(([character]) => includesCode(ranges, character.codePointAt(0) ?? 0))
      .map(([, escape]) => literal(escape))
    const all = [...(plain.length === 0 ? [] : [classOf(plain)]), ...written]
    return all.length === 0 ? undefined : anyOf(all)
  },
}

const jsonEscapes: Readonly<Record<string, string>> = {
  '"': String.raw`\"`,
  '\\': String.raw`\\`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
}

/** As it is, but for line breaks, which may belong to the tags, and the characters with which the markers behind it begin. */
export function rawAlphabet(markers: readonly string[]): Alphabet {
  const starts = markers.map((marker): CodeRange => {
    const code = marker.codePointAt(0) ?? 0
    return [code, code]
  })
  const oneOf = (ranges: readonly CodeRange[]): string | undefined => {
    const left = without(ranges, [[0, 0x08], [0x0a, 0x1f], ...starts])
    return left.length === 0 ? undefined : classOf(left)
  }
  return { any: () => oneOf(complement([])) ?? '""', oneOf }
}
