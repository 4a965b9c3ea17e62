import { type FirstByteLatency, latencyAfter, latencyAt } from '../../resilience/first-byte-latency.ts'
import { modelStatesMax } from './model-states-max.ts'

/** How soon each model of one backend begins to answer, of late. */
export class ModelLatencies {
  readonly #latencies = new Map<string, FirstByteLatency>()

  /** In milliseconds; absent where nothing is known. */
  at(model: string, nowMs: number): number | undefined {
    const latency = this.#latencies.get(model)
    return latency === undefined ? undefined : latencyAt(latency, nowMs)
  }

  note(model: string, latencyMs: number, nowMs: number): void {
    const before = this.#latencies.get(model)
    if (before === undefined && this.#latencies.size >= modelStatesMax) return
    this.#latencies.set(model, latencyAfter(before, { latencyMs, nowMs }))
  }
}
