import { createFlagTable } from './flag-table.ts'
import type { Flag, FlagTable } from './flag-table.ts'

/**
 * The `--help` of a llama.cpp program as a table: names begin in the first column, are separated by commas and followed
 * by what stands for the value; the description comes after two spaces or on the lines below.
 */
export function parseHelp(help: string, origin: string): FlagTable {
  const entries: { head: RegExpExecArray; description: string[] }[] = []
  for (const line of help.split(/\r?\n/)) {
    const head = headPattern.exec(line)
    if (head !== null) entries.push({ head, description: [head[3] ?? ''] })
    else if (/^\s+\S/.test(line)) entries.at(-1)?.description.push(line.trim())
  }
  return createFlagTable(
    origin,
    entries.map(({ head, description }) => toFlag(head, description)),
  )
}

const headPattern = /^(--?[A-Za-z][^\s,]*(?:,\s+--?[A-Za-z][^\s,]*)*)(?: (\S+(?: \S+)*))?(?:\s{2,}(.*))?$/

function toFlag([, heads = '', placeholder]: RegExpExecArray, description: readonly string[]): Flag {
  const names = heads.split(/,\s+/)
  const words = description.join(' ')
  const positives = countPositives(names)
  const values = placeholder === undefined ? undefined : allowedValues(placeholder, description)
  const removed = /argument has been removed\.?\s*(.*?)\s*(?:\(env:.*)?$/.exec(words)?.[1]
  return {
    names: names.slice(0, positives),
    negations: names.slice(positives),
    isCommaList: values === undefined && (placeholder?.includes(',') === true || words.includes('comma-separated')),
    ...(placeholder !== undefined && { placeholder }),
    ...(values !== undefined && { values }),
    ...(removed !== undefined && { removed }),
  }
}

/** Negations come last, short ones included: `--repack, -nr, --no-repack`. `--no-host` alone is a name of its own. */
function countPositives(names: readonly string[]): number {
  const lastPositive = names.findLastIndex((name) => name.startsWith('--') && !name.startsWith('--no-'))
  const hasNegation = names.slice(lastPositive + 1).some((name) => name.startsWith('--no-'))
  return lastPositive === -1 || !hasNegation ? names.length : lastPositive + 1
}

function allowedValues(placeholder: string, description: readonly string[]): readonly string[] | undefined {
  const words = description.join(' ')
  const choice = /^[[{<]([\w.+-]+(?:[|,][\w.+-]+)+)[\]}>]$/.exec(placeholder)?.[1]
  if (choice !== undefined && !choice.includes('..')) return choice.split(/[|,]/)
  const listed = /allowed values: ([\w.+-]+(?:, [\w.+-]+)*)/.exec(words)?.[1]
  if (listed !== undefined) return listed.split(', ')
  if (placeholder === 'N') {
    const quoted = Array.from(words.matchAll(/'([a-z]+)'/g), ([, word = '']) => word)
    return quoted.length === 0 ? undefined : [...new Set(quoted)]
  }
  const bullets = description.flatMap((line) => /^- ([\w+-]+)(?: \(default\))?:/.exec(line)?.[1] ?? [])
  if (bullets.length < 2) return undefined
  // The default need not be among them: `--reasoning-format` lists all but `auto`.
  const standard = /\(default: ([\w+-]+)\)/.exec(words)?.[1]
  return [...new Set([...bullets, ...(standard === undefined ? [] : [standard])])]
}
