import type { FlagTable } from './flag-table.ts'
import { flagKey } from './flag-table.ts'
import { findFlag } from './find-flag.ts'
import { checkFlagValue, truthOf } from './flag-value.ts'
import type { FlagEntry, FlagValue } from './flag-value.ts'
import { translateLoadMode } from './load-mode.ts'

export interface NormalisedFlags {
  /** In order, each flag once: of two that mean the same the later counts. */
  readonly flags: readonly FlagEntry[]
  /** The key as it was written. */
  readonly problems: readonly { readonly key: string; readonly message: string }[]
}

/**
 * Flags of a profile in the words of one binary. Applied to its own result it changes nothing. What the binary does not
 * know stays as it is written and is a problem.
 */
export function normaliseFlags(entries: readonly FlagEntry[], table: FlagTable): NormalisedFlags {
  return normaliseEach(translateLoadMode(entries, table), table)
}

/** The same for flags whose way of loading has been translated, or shall stay. */
export function normaliseEach(entries: readonly FlagEntry[], table: FlagTable): NormalisedFlags {
  const flags = new Map<string, FlagValue>()
  const problems: { key: string; message: string }[] = []
  for (const { key, value } of entries) {
    const found = findFlag(key, table)
    if (found.flag === undefined) {
      problems.push({ key, message: found.problem })
      flags.set(key, value)
      continue
    }
    const name = flagKey(found.flag)
    const checked = checkFlagValue(found.flag, found.isNegated ? opposite(value) : value)
    if (checked.value === undefined) {
      problems.push({ key, message: checked.problem })
      flags.set(key, value)
      continue
    }
    flags.delete(name) // so that it stands where it was said last, and nothing between counts in its place
    flags.set(name, checked.value)
  }
  return { flags: Array.from(flags, ([key, value]) => ({ key, value })), problems }
}

function opposite(value: FlagValue): FlagValue {
  const meant = truthOf(value)
  return meant === undefined ? value : !meant
}
