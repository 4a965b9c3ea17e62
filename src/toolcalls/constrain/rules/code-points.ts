/** A range of code points, both ends among them. */
export type CodeRange = readonly [from: number, to: number]

/** The last code point there is. */
const lastCode = 0x10_ff_ff

/** Every code point that stands for a character: halves of a pair do not. */
const characters: readonly CodeRange[] = [
  [0, 0xd7_ff],
  [0xe0_00, lastCode],
]

/** What is in none of the ranges. */
export function complement(ranges: readonly CodeRange[]): readonly CodeRange[] {
  return without(characters, ranges)
}

/** What is in the first and not in the second. */
export function without(ranges: readonly CodeRange[], taken: readonly CodeRange[]): readonly CodeRange[] {
  const holes = taken.toSorted(([one], [other]) => one - other)
  return ranges.flatMap(([from, to]) => {
    const left: CodeRange[] = []
    let next = from
    for (const [low, high] of holes) {
      if (low > next) left.push([next, Math.min(to, low - 1)])
      next = Math.max(next, high + 1)
      if (next > to) break
    }
    if (next <= to) left.push([next, to])
    return left.filter(([low, high]) => low <= high)
  })
}

export function includesCode(ranges: readonly CodeRange[], code: number): boolean {
  return ranges.some(([from, to]) => from <= code && code <= to)
}

/** As a class of a grammar. Builders know few escapes beside those by number. */
export function classOf(ranges: readonly CodeRange[]): string {
  return `[${ranges.map(([from, to]) => (from === to ? escaped(from) : `${escaped(from)}-${escaped(to)}`)).join('')}]`
}

function escaped(code: number): string {
  const character = String.fromCodePoint(code)
  if (/\w/.test(character)) return character
  const digits = code.toString(16)
  if (code < 0x80) return `\\x${digits.padStart(2, '0')}`
  return code <= 0xff_ff ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`
}
