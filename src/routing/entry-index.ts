import { globMatcher, isGlob } from '../core/glob.ts'
import { latestVariant } from './backend-shelf.ts'
import type { CatalogueEntry } from './catalogue-entry.ts'
import { toReason } from './reason.ts'

/** The catalogue's entries, ready for look-ups by name. */
export interface EntryIndex {
  /** Every name that an entry states letter by letter, with the entry's own name. */
  readonly names: ReadonlyMap<string, string>
  /** By its name or an alias, and then by the same with or without `:latest`. */
  findStated(name: string): FoundEntry | undefined
  /** By the longest pattern that matches; the earlier one of two that are equally long. */
  findPattern(name: string): FoundEntry | undefined
}

export interface FoundEntry {
  readonly entry: CatalogueEntry
  /** The model's name: the entry's, or of a pattern the one that matched. */
  readonly name: string
  /** The beginning of a reason. */
  readonly foundBy: string
  /** By a name that the operator wrote letter by letter. */
  readonly isStated: boolean
}

export function indexEntries(entries: readonly CatalogueEntry[]): EntryIndex {
  const exact = new Map<string, FoundEntry>()
  const aliases = new Map<string, FoundEntry>()
  for (const entry of entries) {
    const { name } = entry
    if (!isGlob(name)) exact.set(name, { entry, name, foundBy: 'named', isStated: true })
    for (const alias of entry.aliases ?? []) {
      // An alias of a pattern has no name of its own to stand for but itself.
      const found = {
        entry,
        name: isGlob(name) ? alias : name,
        foundBy: toReason(`alias of ${name}`),
        isStated: !isGlob(name),
      }
      if (!aliases.has(alias)) aliases.set(alias, found)
    }
  }
  const patterns = entries
    .filter(({ name }) => isGlob(name))
    .sort((one, other) => other.name.length - one.name.length) // Stable: equals keep the operator's order.
    .map((entry) => ({ entry, matches: globMatcher([entry.name]) }))

  const findExactly = (name: string): FoundEntry | undefined => exact.get(name) ?? aliases.get(name)
  return {
    names: new Map([...aliases, ...exact].map(([name, found]) => [name, found.name])),
    findStated: (name) => findExactly(name) ?? findExactly(latestVariant(name)),
    findPattern: (name) => {
      const entry = patterns.find(({ matches }) => matches(name))?.entry
      return entry && { entry, name, foundBy: toReason(`pattern ${entry.name}`), isStated: false }
    },
  }
}
