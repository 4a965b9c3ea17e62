import { setTimeout as delay } from 'node:timers/promises'

/** Far more often than llmr asks, so that what its own polling adds can be told from the engine's time. */
const pollMs = 4

export interface WitnessReport {
  /** Monotonic; of any answer, and of the first good one. */
  answeringMs?: number
  servesMs?: number
}

/** Looks at an engine that comes up until it serves or the signal ends the watch. Never rejects. */
export async function watchEngine(readyUrl: string, signal: AbortSignal): Promise<WitnessReport> {
  const report: WitnessReport = {}
  while (!signal.aborted) {
    try {
      const response = await fetch(readyUrl, { signal })
      report.answeringMs ??= performance.now()
      await response.arrayBuffer()
      if (response.ok) {
        report.servesMs = performance.now()
        return report
      }
    } catch {
      // Nothing listens yet, or the watch is over.
    }
    await delay(pollMs, undefined, { signal }).catch(() => undefined)
  }
  return report
}
