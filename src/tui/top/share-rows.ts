/**
 * Deals out the rows of a terminal: everybody gets what is wanted if there is room, else those who want little are
 * served whole and the others get equal parts, the earlier ones what does not divide.
 */
export function shareRows(wanted: readonly number[], room: number): readonly number[] {
  const shares = wanted.map(() => 0)
  let left = Math.max(0, Math.floor(room))
  while (left > 0) {
    const hungry = wanted.flatMap((want, index) => (want > (shares[index] ?? 0) ? [index] : []))
    if (hungry.length === 0) break
    const each = Math.max(1, Math.floor(left / hungry.length))
    for (const index of hungry) {
      const share = shares[index] ?? 0
      const given = Math.min(each, left, (wanted[index] ?? 0) - share)
      shares[index] = share + given
      left -= given
    }
  }
  return shares
}
