import type { FlagEntry } from './flag-value.ts'
import { truthOf } from './flag-value.ts'
import { plainKey } from './find-flag.ts'
import type { FlagTable } from './flag-table.ts'

/**
 * How weights are read. Until the summer of 2026 three switches said so, `--no-mmap`, `--mlock` and `--direct-io`; since
 * then it is one, `--load-mode`, and a binary that has it exits at once when it sees `--no-mmap`. So they are read
 * together and written as this binary wants them, at the place of the first. Entries about anything else stay.
 */
export function translateLoadMode(entries: readonly FlagEntry[], table: FlagTable): readonly FlagEntry[] {
  const about = entries.filter(({ key }) => isAboutLoading(key))
  const [first] = about
  if (first === undefined || about.every(({ key }) => isSpoken(key, table))) return entries
  const mode = modeOf(about)
  if (mode === undefined) return entries
  const translated =
    table.find('--load-mode') === undefined ? asSwitches(mode, table) : [{ key: 'load-mode', value: mode }]
  return entries.flatMap((entry) => (entry === first ? translated : about.includes(entry) ? [] : [entry]))
}

const keys = ['load-mode', 'lm', 'mmap', 'no-mmap', 'use-mmap', 'mlock', 'no-mlock', 'use-mlock', 'direct-io', 'dio']

/** Whether a key is one of the ways to say how weights are read, of whatever release. */
export function isAboutLoading(key: string): boolean {
  return keys.includes(plainKey(key))
}

function isSpoken(key: string, table: FlagTable): boolean {
  return table.find(`--${plainKey(key)}`) !== undefined || table.find(`-${plainKey(key)}`) !== undefined
}

/** Undefined where a value is no yes and no no: a check that names it is kinder than a guess. */
function modeOf(entries: readonly FlagEntry[]): string | undefined {
  const explicit = entries.find(({ key }) => ['load-mode', 'lm'].includes(plainKey(key)))
  if (explicit !== undefined) return String(explicit.value)
  const answers = entries.map(({ key, value }) => ({ key: plainKey(key), isOn: truthOf(value) }))
  if (answers.some(({ isOn }) => isOn === undefined)) return undefined
  const says = (name: string): boolean | undefined => {
    const answer = answers.findLast(({ key }) => key.replace(/^(no|use)-/, '') === name)
    return answer && (answer.key.startsWith('no-') ? !answer.isOn : answer.isOn)
  }
  if (says('direct-io') === true || says('dio') === true) return 'dio'
  const isMapped = says('mmap')
  if (says('mlock') === true) return isMapped === false ? 'mlock' : 'mmap+mlock'
  return isMapped === undefined ? 'auto' : isMapped ? 'mmap' : 'none'
}

function asSwitches(mode: string, table: FlagTable): readonly FlagEntry[] {
  const unmapped = { key: 'no-mmap', value: true }
  switch (mode) {
    case 'none':
      return [unmapped]
    case 'mlock':
      return [unmapped, { key: 'mlock', value: true }]
    case 'mmap+mlock':
      return [{ key: 'mlock', value: true }]
    case 'dio':
      return [table.find('--direct-io') === undefined ? unmapped : { key: 'direct-io', value: true }]
    default:
      return [] // mapped, which is what such a binary does by itself
  }
}
