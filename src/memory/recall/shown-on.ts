import type { RecallRound } from '../../core/recall-source.ts'

/** What of its conversation a client sent along by itself. */
export interface ShownTurns {
  /** As far as they were looked at. */
  readonly shownTurns: ReadonlySet<string>
  /** Before these the client sent so many more. */
  readonly olderShown: number
}

export type IsShown = (round: RecallRound) => boolean

/** Which rounds of a path the client sent along. */
export function shownOn(path: readonly RecallRound[], { shownTurns, olderShown }: ShownTurns): IsShown {
  const farthest = path.findLast(({ turn }) => shownTurns.has(turn))?.distance
  return ({ turn, distance }) =>
    shownTurns.has(turn) || (farthest !== undefined && distance > farthest && distance <= farthest + olderShown)
}
