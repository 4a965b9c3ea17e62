/**
 * How the longest of these words begin, each with a star: people misspell and inflect, and mostly behind the beginning. Words
 * with digits or signs in them are names, of which only the whole one is meant.
 */
export function wordBeginnings(words: readonly string[]): readonly string[] {
  const plain = words.filter((word) => word.length >= lengthMin && /^\p{L}+$/u.test(word))
  const beginnings = plain.slice(0, wordsMost).map((word) => `${word.slice(0, Math.ceil(word.length * share))}*`)
  return Array.from(new Set(beginnings))
}

/** Of shorter ones too many words begin in the same way. */
const lengthMin = 5
const share = 0.7
/** Each is looked for in every round. */
const wordsMost = 8
