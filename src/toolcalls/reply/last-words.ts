/**
 * The last words of a text that was cut, from the start of one: what a model is asked to begin with when it goes on, so that
 * it shows whether the last of them was cut in the middle. No white space at its ends.
 */
export function lastWords(text: string): string {
  const said = text.trimEnd()
  const all = wordStarts(said, said.length - lookedForMax)
  const spaced = all.filter(
    (start) => start === 0 || /\s/.test(said[start - 1] ?? '') || unspaced.test(said[start] ?? ''),
  )
  const starts = spaced.length === 0 ? all : spaced
  const isEnough = (start: number): boolean => said.slice(start).replaceAll(/\s/g, '').length >= solidMin
  return said.slice(starts.findLast(isEnough) ?? starts[0] ?? Math.max(0, said.length - lookedForMax))
}

/** Where words begin, and everything else that is no white space. In scripts without spaces any sign may begin one. */
export function wordStarts(text: string, from = 0): number[] {
  const starts: number[] = []
  for (const { index, 0: word } of text.slice(Math.max(0, from)).matchAll(/[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]/gu)) {
    const at = index + Math.max(0, from)
    if (unspaced.test(word)) for (let unit = 0; unit < word.length; unit++) starts.push(at + unit)
    // What the window cuts is no start of a word.
    else if (at === 0 || at > from || !inWord.test(text.slice(at - 1, at + 1))) starts.push(at)
  }
  return starts
}

const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u
const inWord = /^[\p{L}\p{N}_]{2}$/u
/** Characters that are no white space: few enough to be repeated without a slip, enough to stand nowhere else. */
const solidMin = 24
const lookedForMax = 120
