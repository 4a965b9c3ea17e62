import { isDense } from './dense-script.ts'

/**
 * Whether a word stands in a text, and not only as a part of another; one that ends in a star may go on, and one in a script
 * without blanks stands anywhere. Both in lower case.
 */
export function mentions(text: string, word: string): boolean {
  if (isDense(word)) return text.includes(word)
  const isBeginning = word.endsWith('*')
  const sought = isBeginning ? word.slice(0, -1) : word
  for (let at = text.indexOf(sought); at !== -1; at = text.indexOf(sought, at + 1)) {
    if (!isInWord(text, at - 1) && (isBeginning || !isInWord(text, at + sought.length))) return true
  }
  return false
}

function isInWord(text: string, at: number): boolean {
  return /[\p{L}\p{N}]/u.test(text[at] ?? ' ')
}
