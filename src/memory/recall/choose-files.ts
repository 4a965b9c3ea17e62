import type { KeptFile } from '../../core/recall-source.ts'
import { mentions } from './mentions.ts'
import type { RecalledFile } from './recalled.ts'

/**
 * Which files a question is about: those that it names, and those in which most of its words stand; each content once, two
 * at most. Of a long one the part with most of the words.
 */
export function chooseFiles(files: readonly KeptFile[], words: readonly string[]): readonly RecalledFile[] {
  const fitting = files
    .map((file) => ({ file, score: scoreOf(file, words) }))
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score || other.file.atMs - one.file.atMs)
    .map(({ file }) => file)
  const once = fitting.filter(({ sha256 }, at) => fitting.findIndex((file) => file.sha256 === sha256) === at)
  return once.slice(0, filesMax).map(({ uri, content, atMs }) => ({ uri, atMs, content: bestPart(content, words) }))
}

const filesMax = 2

function scoreOf({ uri, content }: KeptFile, words: readonly string[]): number {
  const path = uri.toLowerCase()
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (words.some((word) => word === path || word === name || (word.includes('/') && path.endsWith(word)))) return 2
  const text = content.toLowerCase()
  const found = words.filter((word) => mentions(path, word) || mentions(text, word)).length
  return words.length >= 2 && found * 2 > words.length ? found / words.length : 0
}

/** Lines that are shown of a long file. */
const partLines = 60

/** The lines in which most of the words stand, the first of several such parts. */
function bestPart(content: string, words: readonly string[]): string {
  const lines = content.split('\n')
  if (lines.length <= partLines) return content
  const hits = lines.map((line) => words.filter((word) => mentions(line.toLowerCase(), word)).length)
  const step = partLines / 2
  let best = { start: 0, sum: -1 }
  for (let start = 0; start < lines.length; start += step) {
    const sum = hits.slice(start, start + partLines).reduce((total, hit) => total + hit, 0)
    if (sum > best.sum) best = { start, sum }
  }
  const end = best.start + partLines
  return [
    ...(best.start > 0 ? ['[…]'] : []),
    ...lines.slice(best.start, end),
    ...(end < lines.length ? ['[…]'] : []),
  ].join('\n')
}
