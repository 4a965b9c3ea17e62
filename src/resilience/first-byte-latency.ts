/**
 * Typical time to the first byte of one model on one backend: a mean in which a sample loses half its weight every
 * `halfLifeMs`. Times are monotonic milliseconds.
 */
export interface FirstByteLatency {
  readonly meanMs: number
  readonly atMs: number
}

const defaultHalfLifeMs = 60_000

/** Samples that come in a bunch, with no time between them for the old to fade, still weigh this much each. */
const sampleWeightMin = 0.2

/** The mean after one more sample. Give the time waited for a reply that never came too, or the slowest never show. */
export function latencyAfter(
  before: FirstByteLatency | undefined,
  sample: { readonly latencyMs: number; readonly nowMs: number },
  halfLifeMs: number = defaultHalfLifeMs,
): FirstByteLatency {
  if (before === undefined) return { meanMs: sample.latencyMs, atMs: sample.nowMs }
  const sampleWeight = Math.max(sampleWeightMin, 1 - remaining(before, sample.nowMs, halfLifeMs))
  const meanMs = before.meanMs + (sample.latencyMs - before.meanMs) * sampleWeight
  return { meanMs, atMs: sample.nowMs }
}

/**
 * The mean as it counts now. Without new samples it fades towards zero, so a backend that was slow once looks fast
 * again after a while and gets the request that shows how it is today; one that is still slow pays with its next sample.
 */
export function latencyAt(latency: FirstByteLatency, nowMs: number, halfLifeMs: number = defaultHalfLifeMs): number {
  return latency.meanMs * remaining(latency, nowMs, halfLifeMs)
}

function remaining(latency: FirstByteLatency, nowMs: number, halfLifeMs: number): number {
  return 2 ** (-Math.max(0, nowMs - latency.atMs) / halfLifeMs)
}
