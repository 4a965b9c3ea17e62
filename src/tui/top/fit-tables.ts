import { shareRows } from './share-rows.ts'

export interface TableWish {
  /** Rows that it could fill. */
  readonly wanted: number
  /** Of several that do not fit, the one with the highest rank goes first. */
  readonly rank: number
}

/** Fewer rows than this of a table say nothing. */
const rowsMin = 3

/**
 * Rows for each table of a screen, beside its frame; 0: it is left out. A table in full view is worth more than a line of
 * each, so the least important ones go until the others have room for something.
 */
export function fitTables(
  wishes: readonly TableWish[],
  { room, frame }: { room: number; frame: number },
): readonly number[] {
  const byRank = wishes.toSorted((one, other) => one.rank - other.rank)
  const least = (kept: readonly TableWish[]): number =>
    kept.reduce((sum, { wanted }) => sum + frame + Math.min(wanted, rowsMin), 0)
  while (byRank.length > 1 && least(byRank) > room) byRank.pop()

  const kept = wishes.map((wish) => byRank.includes(wish))
  const wanted = wishes.map((wish, index) => (kept[index] === true ? wish.wanted : 0))
  return Number.isFinite(room) ? shareRows(wanted, room - frame * byRank.length) : wanted
}
