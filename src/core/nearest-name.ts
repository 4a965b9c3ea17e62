/**
 * The known name that was probably meant: the one with the fewest slips, if those are few for its length. Case, dashes
 * and underscores do not count, so `apiKey` finds `api_key`.
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const wanted = fold(name)
  let best: { readonly name: string; readonly distance: number } | undefined
  for (const candidate of known) {
    const folded = fold(candidate)
    const distance = editDistance(wanted, folded)
    const isNear = distance <= Math.max(1, Math.floor(folded.length / 3)) && distance < folded.length
    if (isNear && (best === undefined || distance < best.distance)) best = { name: candidate, distance }
  }
  return best?.name
}

/** Names are short; a text pasted in place of one must not cost a quadratic time. */
const lengthMax = 64

function fold(name: string): string {
  return name.slice(0, lengthMax).toLowerCase().replaceAll(/[-_ ]/g, '')
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into the other. */
export function editDistance(from: string, to: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1]
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (isSame ? 0 : 1),
        isSwap ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    beforeLast = last
    last = current
  }
  return at(last, to.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
