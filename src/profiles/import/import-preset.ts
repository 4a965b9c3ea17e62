import type { FlagEntry } from '../flags/flag-value.ts'
import type { FlagTable } from '../flags/flag-table.ts'
import { compact } from './imported.ts'
import type { Imported, ImportedProfile } from './imported.ts'
import { profileFromFlags } from './profile-from-flags.ts'

/**
 * A preset file of llama-server's router (`--models-preset`): one section a model, keys are flags without dashes or
 * their variables, `[*]` holds for all.
 */
export function importPreset(text: string, table: FlagTable): Imported {
  const sections = readSections(text)
  const common = sections.get('*') ?? []
  const notes: string[] = []
  const profiles = Array.from(sections).flatMap(([name, own]): [string, ImportedProfile][] => {
    if (name === '*' || name === '') return []
    const entries = [...common, ...own]
    const value = (key: string): string | undefined => entries.findLast((entry) => entry.key === key)?.value
    const flags = entries
      .filter(({ key }) => !routerKeys.has(key))
      .map((entry): FlagEntry => ({ ...entry, key: flagName(entry.key) }))
    const profile = compact({
      ...profileFromFlags(flags, table),
      preload: isYes(value('load-on-startup')) ? true : undefined,
      ...(value('stop-timeout') !== undefined && { stop: { timeout: `${value('stop-timeout')}s` } }),
    })
    // The router takes a section's name for a repository when nothing else says what to load.
    return [[name, profile['model'] === undefined ? { model: name, ...profile } : profile]]
  })
  if (profiles.length === 0) notes.push('the file has no section with a model')
  return { document: { profiles: Object.fromEntries(profiles) }, notes }
}

interface PresetEntry {
  readonly key: string
  readonly value: string
}

const routerKeys: ReadonlySet<string> = new Set(['load-on-startup', 'stop-timeout', 'version'])

function readSections(text: string): ReadonlyMap<string, readonly PresetEntry[]> {
  const sections = new Map<string, PresetEntry[]>()
  let current: PresetEntry[] = []
  for (const line of text.split(/\r?\n/)) {
    const name = /^\s*\[(.+)\]\s*$/.exec(line)?.[1]
    const [, key, value] = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    if (name !== undefined) {
      current = sections.get(name) ?? []
      sections.set(name, current)
    } else if (key !== undefined) {
      current.push({ key, value: (value ?? '').replace(/\s+[#;].*$/, '').replace(/^(["'])(.*)\1$/, '$2') })
    }
  }
  return sections
}

/** `LLAMA_ARG_CTX_SIZE` is `ctx-size`. */
function flagName(key: string): string {
  const variable = /^LLAMA_ARG_(.+)$/.exec(key)?.[1]
  return variable === undefined ? key : variable.toLowerCase().replaceAll('_', '-')
}

function isYes(value: string | undefined): boolean {
  return value !== undefined && ['1', 'true', 'on', 'yes'].includes(value.toLowerCase())
}
