import { literal, type GrammarRules } from './grammar-rules.ts'

export interface UntilOptions {
  /** What may not stand before the marker either. */
  readonly forbidden?: readonly string[]
  /** The text is within a string of JSON: a backslash escapes what follows it. */
  readonly isEscaped?: boolean
}

/**
 * A rule for any text up to and including this marker, which may hold every part of it but the whole: one rule for each
 * beginning of a marker that may have been seen, as in a search for all of them at once.
 */
export function untilRule(rules: GrammarRules, marker: string, options: UntilOptions = {}): string {
  const { isEscaped = false } = options
  const forbidden = (options.forbidden ?? []).filter((word) => word !== '' && word !== marker)
  const words = [marker, ...forbidden].map((word) => Array.from(word))
  const alphabet = new Set(words.flat())
  const stem = rules.short(['until', isEscaped, marker, ...forbidden].join('\0'))
  const states = new Map(namesOfBeginnings(words, stem))
  const start = states.get('') ?? ''
  if (rules.has(start)) return start
  for (const [seen, name] of states) {
    const special = Array.from(alphabet, (character) => ({ character, text: seen + character })).filter(
      ({ text }) => words.some((word) => text.endsWith(word.join(''))) || knownEnd(text, states) !== '',
    )
    const steps = special.map(({ character, text }) => {
      if (text.endsWith(marker)) return literal(character)
      const isForbidden = forbidden.some((word) => text.endsWith(word))
      return isForbidden ? undefined : `${literal(character)} ${states.get(knownEnd(text, states)) ?? start}`
    })
    const others = `${noneOf(new Set(special.map(({ character }) => character)), isEscaped)} ${start}`
    const written = [...steps, others, isEscaped ? `${escape} ${start}` : undefined]
    rules.define(name, written.filter((step) => step !== undefined).join(' | '))
  }
  return start
}

const escape = String.raw`"\\" ( ["\\/bfnrt] | "u" [0-9a-fA-F]{4} )`

/** Each beginning of a word, shorter than that, with the rule for what may follow it. */
function namesOfBeginnings(
  words: readonly (readonly string[])[],
  stem: string,
): readonly (readonly [string, string])[] {
  const beginnings = words.flatMap((word) => word.map((_, length) => word.slice(0, length).join('')))
  return Array.from(new Set(beginnings), (seen, at) => [seen, `${stem}-${at}`])
}

/** The longest end of the text that begins a marker. */
function knownEnd(text: string, states: ReadonlyMap<string, string>): string {
  const characters = Array.from(text)
  const from = characters.findIndex((_, at) => states.has(characters.slice(at).join('')))
  return from === -1 ? '' : characters.slice(from).join('')
}

/** Of what stands in brackets, builders know few escapes beside those by number. */
function noneOf(characters: Iterable<string>, isEscaped: boolean): string {
  const escaped = Array.from(characters, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code < 128 && !/\w/.test(character) ? `\\x${code.toString(16).padStart(2, '0')}` : character
  })
  return `[^${escaped.join('')}${isEscaped ? String.raw`\x5c\x7f\x00-\x1f` : ''}]`
}
