import type { RecallRound } from '../../../src/core/recall-source.ts'

/** A path from its latest round on: which words of the question stand in each, and how near it is. */
export function aPath(
  rounds: readonly { readonly words?: readonly number[]; readonly cosine?: number; readonly length?: number }[],
): readonly RecallRound[] {
  return rounds.map(({ words = [], cosine, length = 20 }, distance) => ({
    reply: `reply-${distance}`,
    turn: `turn-${distance}`,
    depth: rounds.length - distance,
    distance,
    words,
    length,
    filesOf: [],
    ...(cosine !== undefined && { cosine }),
  }))
}
