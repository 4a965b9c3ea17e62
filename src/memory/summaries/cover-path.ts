export interface CoveringSummary {
  readonly level: number
  readonly fromDepth: number
  readonly uptoDepth: number
}

/**
 * The fewest of these summaries, all of one path, that tell its beginning without telling anything twice: in the order of
 * the path, the widest first where several begin at the same round.
 */
export function coverPath<Summary extends CoveringSummary>(summaries: readonly Summary[]): readonly Summary[] {
  const inOrder = summaries.toSorted(
    (one, other) => one.fromDepth - other.fromDepth || other.uptoDepth - one.uptoDepth || other.level - one.level,
  )
  const chosen: Summary[] = []
  for (const summary of inOrder) {
    const toldUpto = chosen.at(-1)?.uptoDepth ?? Number.NEGATIVE_INFINITY
    if (summary.fromDepth > toldUpto) chosen.push(summary)
  }
  return chosen
}
