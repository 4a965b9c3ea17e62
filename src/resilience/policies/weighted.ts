import type { Policy } from './policy.ts'

/**
 * Random, in proportion to the weights, without a memory of earlier choices. Each candidate draws an exponentially
 * distributed waiting time at the rate of its weight; who waits least goes first. The second place is again in
 * proportion to the weights that are left, so a fallback is spread as fairly as a first choice.
 */
export const weighted: Policy = (candidates, { random }) =>
  candidates
    .map((load) => ({ load, wait: -Math.log(1 - random()) / load.weight }))
    .sort((one, other) => one.wait - other.wait)
    .map(({ load }) => load)
