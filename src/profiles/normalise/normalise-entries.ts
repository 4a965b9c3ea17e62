import { flagKey } from '../flags/flag-table.ts'
import type { FlagTable } from '../flags/flag-table.ts'
import { findFlag } from '../flags/find-flag.ts'
import type { FlagEntry } from '../flags/flag-value.ts'
import { isAboutLoading, translateLoadMode } from '../flags/load-mode.ts'
import { normaliseEach } from '../flags/normalise-flags.ts'

export interface NormalisedEntry {
  readonly written: FlagEntry
  /** What takes its place: nothing where another entry says it already. */
  readonly becomes: readonly FlagEntry[]
  readonly problem?: string
}

/** What becomes of each entry of one `flags` section. A value that waits for a macro keeps it; only its key is looked at. */
export function normaliseEntries(entries: readonly FlagEntry[], table: FlagTable): readonly NormalisedEntry[] {
  const settled = entries.filter((entry) => !isPending(entry))
  // Half of what is said about loading cannot be translated alone.
  const isUndecided = entries.some((entry) => isPending(entry) && isAboutLoading(entry.key))
  const translated = isUndecided ? settled : translateLoadMode(settled, table)
  const added = translated.filter((entry) => !entries.includes(entry))
  const firstGone = entries.find((entry) => !isPending(entry) && !translated.includes(entry))

  const results = entries.map((written): NormalisedEntry => {
    if (isPending(written)) return { written, becomes: [{ key: renamed(written.key, table), value: written.value }] }
    if (written === firstGone) return { written, becomes: added }
    if (!translated.includes(written)) return { written, becomes: [] }
    const { flags, problems } = normaliseEach([written], table)
    return { written, becomes: flags, ...(problems[0] && { problem: problems[0].message }) }
  })
  return withoutEarlier(results)
}

function isPending({ value }: FlagEntry): boolean {
  return JSON.stringify(value).includes('${')
}

function renamed(key: string, table: FlagTable): string {
  const found = findFlag(key, table)
  return found.flag === undefined || found.isNegated ? key : flagKey(found.flag)
}

/** Of two entries for one flag the later counts, so the earlier says nothing. */
function withoutEarlier(results: readonly NormalisedEntry[]): readonly NormalisedEntry[] {
  const lastOf = new Map(results.flatMap(({ becomes }, index) => becomes.map(({ key }) => [key, index] as const)))
  return results.map((result, index) => {
    return { ...result, becomes: result.becomes.filter(({ key }) => lastOf.get(key) === index) }
  })
}
