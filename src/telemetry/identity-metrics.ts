import type { Metrics } from '../core/metrics.ts'
import { counterFamily, histogramFamily } from './series.ts'
import type { Family } from './series.ts'

export interface IdentityMetrics {
  readonly families: readonly Family[]
  readonly resolved: Metrics['identityResolved']
}

/** From an index in memory to all that a request may wait, seconds. */
const bounds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1]

/** How requests were recognised as belonging to conversations, and how long that took beside their routing. */
export function createIdentityMetrics(): IdentityMetrics {
  const resolved = counterFamily({
    name: 'llmr_identity_resolved_total',
    help: 'Requests whose conversation was looked for, by what it was recognised by.',
    labels: ['tier'],
  })
  const duration = histogramFamily({
    name: 'llmr_identity_duration_seconds',
    help: 'Time until a request had its place in a conversation.',
    bounds,
  })
  const durations = duration.series()
  return {
    families: [resolved, duration],
    resolved({ tier, durationMs }) {
      resolved.series(tier).value += 1
      durations.observe(durationMs / 1000)
    },
  }
}
