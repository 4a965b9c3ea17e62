import type { CandidateLoad } from '../candidate-load.ts'
import type { Policy } from './policy.ts'

/**
 * The better of two drawn at random, by expected wait; then the rest by expected wait. Always taking the best of all
 * would send every request to the same one until its figure catches up; two choices spread them almost as well as
 * perfect knowledge would.
 */
export const latency: Policy = (candidates, { random }) => {
  const optimism = Math.min(...candidates.map(({ latencyMs = Infinity }) => latencyMs))
  const byWait = candidates
    .map((load) => ({ load, wait: expectedWait(load, optimism) }))
    .sort((one, other) => one.wait - other.wait)
    .map(({ load }) => load)
  const first = Math.min(...twoOf(byWait.length, random))
  return [...byWait.slice(first, first + 1), ...byWait.slice(0, first), ...byWait.slice(first + 1)]
}

/** One that has not been measured counts as fast as the fastest, so that it is tried, but not with everything at once. */
function expectedWait({ latencyMs, inFlight }: CandidateLoad, optimism: number): number {
  const typicalMs = latencyMs ?? (Number.isFinite(optimism) ? optimism : 1)
  // A mean that has faded to nothing still has to tell one request in flight from ten.
  return Math.max(1, typicalMs) * (inFlight + 1)
}

/** Two different positions below `count`, or the only one. */
function twoOf(count: number, random: () => number): readonly number[] {
  if (count < 2) return [0]
  const one = Math.floor(random() * count)
  const step = 1 + Math.floor(random() * (count - 1))
  return [one, (one + step) % count]
}
