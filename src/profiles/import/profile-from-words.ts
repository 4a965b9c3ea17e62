import { findFlag, plainKey } from '../flags/find-flag.ts'
import type { FlagEntry } from '../flags/flag-value.ts'
import type { FlagTable } from '../flags/flag-table.ts'
import { isAboutLoading } from '../flags/load-mode.ts'
import { compact } from './imported.ts'
import type { ImportedProfile } from './imported.ts'
import { profileFromFlags } from './profile-from-flags.ts'

/**
 * A command line as a profile. One that starts a llama-server is taken apart; any other stays a command. Words that no
 * flag explains go to `args`, in their order.
 */
export function profileFromWords(words: readonly string[], table: FlagTable): ImportedProfile {
  const [program = '', ...rest] = words
  if (!/(^|[/\\])llama-server(\.exe)?$/.test(program)) return { engine: 'command', command: words }
  const { entries, args } = readFlags(rest, table)
  return compact({
    binary: program === 'llama-server' ? undefined : program,
    ...profileFromFlags(entries, table),
    args,
  })
}

interface ReadFlags {
  readonly entries: readonly FlagEntry[]
  readonly args: readonly string[]
}

function readFlags(words: readonly string[], table: FlagTable): ReadFlags {
  const entries: FlagEntry[] = []
  const args: string[] = []
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? ''
    const equals = word.startsWith('--') ? word.indexOf('=') : -1
    const name = equals === -1 ? word : word.slice(0, equals)
    const found = /^--?[A-Za-z]/.test(name) ? findFlag(name, table) : undefined
    if (found?.flag === undefined) {
      if (isAboutLoading(name) && equals === -1) entries.push({ key: plainKey(name), value: true })
      else args.push(word)
      continue
    }
    if (found.flag.placeholder === undefined) {
      entries.push({ key: plainKey(name), value: true })
    } else if (equals !== -1) {
      entries.push({ key: plainKey(name), value: word.slice(equals + 1) })
    } else if (takesNext(words[index + 1])) {
      entries.push({ key: plainKey(name), value: words[index + 1] ?? '' })
      index += 1
    } else {
      // `-fa` was a switch before it had values.
      entries.push({ key: plainKey(name), value: true })
    }
  }
  return { entries, args }
}

/** Negative numbers are values too. */
function takesNext(word: string | undefined): boolean {
  return word !== undefined && (!word.startsWith('-') || /^-\d/.test(word))
}
