import { isCold } from '../candidate-load.ts'
import type { CandidateLoad } from '../candidate-load.ts'
import type { Policy } from './policy.ts'

/**
 * A model that is loaded before one that is not; then the smaller share of its slots in use; then fewer requests in
 * flight. When all are idle the operator's order decides, so quiet times use one machine and leave the others asleep.
 */
export const leastBusy: Policy = (candidates) =>
  candidates.toSorted(
    (one, other) =>
      Number(isCold(one)) - Number(isCold(other)) ||
      shareInUse(one) - shareInUse(other) ||
      one.inFlight - other.inFlight,
  )

/** What a server is taken to have that does not say: only ever compared with the limits of others. */
const slotsAssumed = 4

function shareInUse({ inFlight, limit = slotsAssumed }: CandidateLoad): number {
  return inFlight / limit
}
