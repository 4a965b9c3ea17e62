/** Scripts that write no blanks between words: Chinese and Japanese. */
const dense = /[\u3005-\u3007\u3041-\u30FF\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF]/

const runs = new RegExp(`${dense.source}+`, 'g')

/** Written in such a script alone. */
export function isDense(word: string): boolean {
  return word !== '' && word.replaceAll(runs, '') === ''
}

/**
 * A word as it can be looked for: where it is written without blanks, every two characters that follow each other, since most
 * words have two, and what stands between in other scripts by itself.
 */
export function searchable(word: string): readonly string[] {
  if (!dense.test(word)) return [word]
  const pairs = (word.match(runs) ?? []).flatMap((run) =>
    Array.from({ length: run.length - 1 }, (_, at) => run.slice(at, at + 2)),
  )
  return [...pairs, ...word.split(runs).filter((rest) => rest !== '')]
}
