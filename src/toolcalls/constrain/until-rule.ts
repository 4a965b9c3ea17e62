import { literal, type GrammarRules } from './grammar-rules.ts'

/**
 * A rule for any text up to and including this marker, which may hold every part of it but the whole: one rule for each
 * character of the marker that has been seen, as in a search for it.
 */
export function untilRule(rules: GrammarRules, marker: string): string {
  const characters = Array.from(marker)
  const stem = `until-${Buffer.from(marker).toString('hex')}`
  const nameOf = (seen: number): string => `${stem}-${seen}`
  for (let seen = 0; seen < characters.length; seen++) {
    const steps = Array.from(new Set(characters), (character) => {
      const after = seenAfter(characters, seen, character)
      return after === characters.length ? literal(character) : `${literal(character)} ${nameOf(after)}`
    })
    rules.define(nameOf(seen), [...steps, `${noneOf(new Set(characters))} ${nameOf(0)}`].join(' | '))
  }
  return nameOf(0)
}

/** How many characters of the marker stand at the end of the text, once this one is added to it. */
function seenAfter(marker: readonly string[], seen: number, character: string): number {
  const text = [...marker.slice(0, seen), character]
  for (let length = text.length; length > 0; length--) {
    if (text.slice(-length).join('') === marker.slice(0, length).join('')) return length
  }
  return 0
}

/** Of what stands in brackets, builders know few escapes beside those by number. */
function noneOf(characters: Iterable<string>): string {
  const escaped = Array.from(characters, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code < 128 && !/\w/.test(character) ? `\\x${code.toString(16).padStart(2, '0')}` : character
  })
  return `[^${escaped.join('')}]`
}
