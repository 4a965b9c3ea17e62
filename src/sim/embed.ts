import { hashText, seededRandom } from './seeded-random.ts'

/** Entries of a vector that one word touches. */
const entriesPerWord = 8

/** A vector of length 1 in which each word has its fixed part: texts that share words are near each other. */
export function embed(text: string, dimensions: number): number[] {
  const vector = Array.from({ length: dimensions }, () => 0)
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ['']
  for (const word of words) {
    const random = seededRandom(hashText(word))
    for (let entry = 0; entry < entriesPerWord; entry += 1) {
      const index = Math.floor(random() * dimensions)
      vector[index] = (vector[index] ?? 0) + (random() < 0.5 ? -1 : 1)
    }
  }
  const length = Math.hypot(...vector)
  // Words can cancel each other out; a vector without a direction would be NaN in every cosine.
  return length === 0 ? vector.map((_, index) => (index === 0 ? 1 : 0)) : vector.map((value) => value / length)
}

/** The cosine of two vectors of length 1. */
export function similarity(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0)
}
