import type { Policy } from './policy.ts'

/** Each in turn. */
export const roundRobin: Policy = (candidates, { turn }) => {
  if (candidates.length === 0) return candidates
  const first = turn % candidates.length
  return [...candidates.slice(first), ...candidates.slice(0, first)]
}
