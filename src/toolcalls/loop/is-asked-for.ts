/**
 * Whether a person asked for what is said over and over: a hundred lines of one sentence are no chant then. The unit begins
 * anywhere in it, so every turn of its words is looked for.
 */
export function isAskedFor(unit: string, userText: string): boolean {
  const words = wordsOf(unit)
  const asked = wordsOf(userText.slice(0, textMax)).join(' ')
  if (words.length > wordsMax || words.join(' ').length < lengthMin) return false
  return words.some((_, at) => asked.includes([...words.slice(at), ...words.slice(0, at)].join(' ')))
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

const wordsMax = 64
/** Characters: syllables stand in every text. */
const lengthMin = 8
const textMax = 20_000
