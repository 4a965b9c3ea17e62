import { nearestName } from '../../core/nearest-name.ts'
import type { Flag, FlagTable } from './flag-table.ts'
import { flagKeys } from './flag-table.ts'
import { flagRenames, otherNames } from './flag-renames.ts'

export type FoundFlag =
  | { readonly flag: Flag; /** Written as the flag that switches it off. */ readonly isNegated: boolean }
  | { readonly flag?: undefined; readonly problem: string }

/**
 * The flag that a key of a profile means: `ctx-size`, `--ctx-size`, `ctx_size`, `n_ctx`, `c`, whatever this binary calls
 * it. A flag that moved is found under its new name; one that is gone, or was never there, is a problem with a hint.
 */
export function findFlag(key: string, table: FlagTable): FoundFlag {
  const plain = plainKey(key)
  const found = findExact(plain, table)
  if (found?.flag.removed === undefined && found !== undefined) return found
  for (const name of otherNames(plain)) {
    const moved = findExact(name, table)
    if (moved !== undefined && moved.flag.removed === undefined) return moved
  }
  // `no-x` where the binary has x as a switch without a name for its opposite.
  const positive = /^no-(.+)$/.exec(plain)?.[1]
  const opposite = positive === undefined ? undefined : findFlag(positive, { ...table, flags: [] })
  if (opposite?.flag !== undefined) return { flag: opposite.flag, isNegated: !opposite.isNegated }

  if (found?.flag.removed !== undefined) return { problem: `this flag has been removed; ${found.flag.removed}` }
  const near = nearestName(plain, [...flagKeys(table), ...usableNames(table)])
  const hint = near === undefined ? 'its --help lists those it has' : `did you mean "${near}"?`
  return { problem: `${table.origin} does not have --${plain}; ${hint}` }
}

/** `--N_GPU_layers` → `N-GPU-layers`: dashes in front and underscores are a matter of taste, letter case is not. */
export function plainKey(key: string): string {
  return key.trim().replace(/^-+/, '').replaceAll('_', '-')
}

/** Names that are no flag of this binary, and are understood all the same: `n-ctx`. */
function usableNames(table: FlagTable): readonly string[] {
  const isKnown = (name: string): boolean => {
    const flag = findExact(name, table)?.flag
    return flag !== undefined && flag.removed === undefined
  }
  return table.flags.length === 0 ? [] : flagRenames.filter((group) => group.some(isKnown)).flat()
}

function findExact(plain: string, table: FlagTable): { readonly flag: Flag; readonly isNegated: boolean } | undefined {
  for (const name of [`--${plain}`, `-${plain}`]) {
    const flag = table.find(name)
    if (flag !== undefined) return { flag, isNegated: flag.negations.includes(name) }
  }
  return undefined
}
