import type { CandidateLoad } from '../candidate-load.ts'
import { isCold } from '../candidate-load.ts'
import type { Policy } from './policy.ts'
import { rendezvousScore } from './rendezvous-score.ts'

/** A load puts others out of memory, who will have to be loaded again: it counts as often. */
const loadHarm = 2

/** What is taken for a load where nobody says how long one takes. */
const loadMsAssumed = 10_000

/** So close to the best, in milliseconds and as a share of it, is as good: what is expected is never exact. */
const close = { ms: 50, share: 0.1 }
/** A prompt in the cache is worth so much. */
const closeEnoughToStay = { ms: 250, share: 0.5 }

/**
 * By the expected time to the first byte: what is left of a load, the turns of those who are there before, and how
 * quickly the model answers there. A model in memory thus beats one that has to be loaded, unless its queue is longer than the
 * load is worth. Among the best of about the same time the same key goes to the same one, where its prompt is still cached;
 * without a key it is the operator's first.
 */
export const soonest: Policy = (candidates, { affinityKey }) => {
  const timed = candidates.map((load) => ({ load, waitMs: expectedFirstByteMs(load, candidates) }))
  const bestMs = Math.min(...timed.map(({ waitMs }) => waitMs))
  const { ms, share } = affinityKey === undefined ? close : closeEnoughToStay
  const asGoodMs = bestMs * (1 + share) + ms
  const best = timed.filter(({ waitMs }) => waitMs <= asGoodMs).map(({ load }) => load)
  const rest = timed.filter(({ waitMs }) => waitMs > asGoodMs).toSorted((one, other) => one.waitMs - other.waitMs)
  return [...preferred(best, affinityKey), ...rest.map(({ load }) => load)]
}

/** Milliseconds; of one that says nothing of itself, what its requests in flight and its fellows' figures suggest. */
export function expectedFirstByteMs(load: CandidateLoad, fellows: readonly CandidateLoad[]): number {
  const { place, inFlight, limit = Infinity } = load
  const answerMs = load.latencyMs ?? typicalMs(fellows)
  if (place === undefined) {
    const loadMs = isCold(load) ? loadMsAssumed * loadHarm : 0
    return loadMs + answerMs * (1 + Math.max(0, inFlight + 1 - limit))
  }
  const { untilLoadedMs, mustLoad, ahead, slots, serviceMs } = place
  const turns = Math.ceil(Math.max(0, ahead + 1 - slots) / slots)
  return untilLoadedMs * (mustLoad ? loadHarm : 1) + turns * serviceMs + answerMs
}

/** One that has not been measured counts as fast as the fastest, so that it is tried. */
function typicalMs(fellows: readonly CandidateLoad[]): number {
  const measured = fellows.flatMap(({ latencyMs }) => latencyMs ?? [])
  return measured.length === 0 ? 0 : Math.min(...measured)
}

function preferred(best: readonly CandidateLoad[], key: string | undefined): readonly CandidateLoad[] {
  if (key === undefined) return best
  return best
    .map((load) => ({ load, score: rendezvousScore(key, load.candidate) }))
    .toSorted((one, other) => other.score - one.score)
    .map(({ load }) => load)
}
