import type { FlagTable } from './flag-table.ts'
import { findFlag, plainKey } from './find-flag.ts'
import type { FlagEntry } from './flag-value.ts'

/** Normalised flags as words of a command line. A switch that is off is said where it has a name for that. */
export function flagWords(flags: readonly FlagEntry[], table: FlagTable): readonly string[] {
  return flags.flatMap(({ key, value }) => {
    const { flag } = findFlag(key, table)
    const name = `--${flag === undefined ? plainKey(key) : key}`
    if (typeof value === 'boolean') {
      const negation = flag?.negations.find((one) => one.startsWith('--'))
      return value ? [name] : negation === undefined ? [] : [negation]
    }
    if (typeof value === 'string' || typeof value === 'number') return [name, String(value)]
    return flag?.isCommaList === true ? [name, value.join(',')] : value.flatMap((one) => [name, String(one)])
  })
}
