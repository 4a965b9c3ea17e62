import { isCold } from '../candidate-load.ts'
import type { CandidateLoad } from '../candidate-load.ts'
import { leastBusy } from './least-busy.ts'
import type { Policy } from './policy.ts'
import { rendezvousScore } from './rendezvous-score.ts'

/**
 * The same key goes to the same backend, where the engine still has the prompt in its cache, unless that one is busier
 * than the others by more than the cache is worth. Rendezvous hashing: each key ranks all candidates, so one that joins
 * or leaves moves only the keys that go to it or were on it. The next in a key's rank is its fallback.
 *
 * Where the model is not loaded there is no cache to come back to, so such a backend ranks after all that have it.
 */
export const affinity: Policy = (candidates, context) => {
  const { affinityKey } = context
  if (affinityKey === undefined) return leastBusy(candidates, context)
  const inFlightMax = boundOf(candidates)
  return candidates
    .map((load) => ({ load, score: rendezvousScore(affinityKey, load.candidate), isOver: load.inFlight > inFlightMax }))
    .sort(
      (one, other) =>
        Number(one.isOver) - Number(other.isOver) ||
        Number(isCold(one.load)) - Number(isCold(other.load)) ||
        other.score - one.score,
    )
    .map(({ load }) => load)
}

/** A quarter above the mean, and one more, so that small numbers do not chase a conversation around. */
function boundOf(candidates: readonly CandidateLoad[]): number {
  const inFlight = candidates.reduce((sum, load) => sum + load.inFlight, 0)
  return 1.25 * (inFlight / candidates.length) + 1
}
