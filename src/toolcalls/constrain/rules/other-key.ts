import { classOf, type CodeRange, without } from './code-points.ts'
import type { GrammarRules } from './grammar-rules.ts'

/**
 * A name that is none of these: as in them up to some character, and another one there, or the end. Of letters, digits,
 * underscores and dashes.
 *
 * @param parts.end as a rule
 * @param parts.first what it may begin with, where that is not any of these
 */
export function otherKey(
  rules: GrammarRules,
  names: readonly string[],
  { end, first }: { readonly end: string; readonly first?: readonly CodeRange[] },
): string {
  const rest = rules.add('key-end', `${classOf(keyCharacters)}{0,40} ${end}`)
  const from = (prefix: string, given: readonly string[]): string => {
    const longer = given.filter((name) => name.length > prefix.length)
    const nexts = Map.groupBy(longer, (name) => name.charCodeAt(prefix.length))
    const known = [...nexts].filter(([code]) => keyCharacters.some(([low, high]) => low <= code && code <= high))
    const deeper = known.map(([code, those]) => {
      const character = String.fromCharCode(code)
      return `"${character}" ${from(prefix + character, those)}`
    })
    const left = without(
      prefix === '' ? (first ?? keyCharacters) : keyCharacters,
      Array.from(nexts.keys(), (code): CodeRange => [code, code]),
    )
    const ends = prefix === '' || given.includes(prefix) ? [] : [end]
    return `( ${[...deeper, `${classOf(left)} ${rest}`, ...ends].join(' | ')} )`
  }
  return rules.add('other-key', from('', names))
}

const keyCharacters: readonly CodeRange[] = [
  [0x2d, 0x2d],
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]

export const letters: readonly CodeRange[] = [
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]
