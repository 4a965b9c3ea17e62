/** Whether a word stands in a text, and not only as a part of another. Both in lower case. */
export function mentions(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (!isInWord(text, at - 1) && !isInWord(text, at + word.length)) return true
  }
  return false
}

function isInWord(text: string, at: number): boolean {
  return /[\p{L}\p{N}]/u.test(text[at] ?? ' ')
}
