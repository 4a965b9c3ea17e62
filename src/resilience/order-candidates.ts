import { isFull } from './candidate-load.ts'
import type { CandidateLoad } from './candidate-load.ts'
import { affinity } from './policies/affinity.ts'
import { latency } from './policies/latency.ts'
import { leastBusy } from './policies/least-busy.ts'
import { ordered } from './policies/ordered.ts'
import type { Policy, PolicyContext } from './policies/policy.ts'
import { roundRobin } from './policies/round-robin.ts'
import { soonest } from './policies/soonest.ts'
import { weighted } from './policies/weighted.ts'

export type PolicyName = 'ordered' | 'round-robin' | 'weighted' | 'least-busy' | 'latency' | 'affinity' | 'soonest'

const policies: Readonly<Record<PolicyName, Policy>> = {
  ordered,
  'round-robin': roundRobin,
  weighted,
  'least-busy': leastBusy,
  latency,
  affinity,
  soonest,
}

/**
 * Every candidate, best first: those with room, then the full ones, then those that are failing or loading. The policy
 * orders within each group, so a backend that is down neither takes a turn nor leaves its share to one neighbour.
 *
 * @param candidates in the operator's order of preference
 */
export function orderCandidates(
  name: PolicyName,
  candidates: readonly CandidateLoad[],
  context: PolicyContext,
): readonly CandidateLoad[] {
  if (candidates.length < 2) return candidates
  const policy = policies[name]
  if (name === 'soonest') return byAvailability(candidates).flatMap((group) => policy(group, context))
  if (candidates.every(hasRoom)) return policy(candidates, context)
  return [
    candidates.filter(hasRoom),
    candidates.filter((load) => load.isAvailable && isFull(load)),
    candidates.filter((load) => !load.isAvailable),
  ].flatMap((group) => policy(group, context))
}

/** How full one is, is part of what this policy expects: a short wait there may be better than a load elsewhere. */
function byAvailability(candidates: readonly CandidateLoad[]): readonly (readonly CandidateLoad[])[] {
  return [candidates.filter(({ isAvailable }) => isAvailable), candidates.filter(({ isAvailable }) => !isAvailable)]
}

function hasRoom(load: CandidateLoad): boolean {
  return load.isAvailable && !isFull(load)
}
