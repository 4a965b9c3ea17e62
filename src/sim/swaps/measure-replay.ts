import type { ReplayResult, ServedRequest } from './replay-trace.ts'

/** What a replay comes to; times in milliseconds. */
export interface ReplayFigures {
  readonly requests: number
  readonly refused: number
  readonly swaps: number
  readonly makespanMs: number
  readonly wait: Spread
  readonly firstToken: { readonly meanMs: number; readonly p95Ms: number }
  readonly overtaken: Overtaken
  readonly loadingMs: number
  readonly idleWhileWaiting: number
}

export interface Spread {
  readonly meanMs: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** Requests that started after one that came later, and by how much later that one came, at most. */
export interface Overtaken {
  readonly requests: number
  readonly byMs: number
}

export function measureReplay({ served, refused, loads, loadingMs, idleWhileWaiting }: ReplayResult): ReplayFigures {
  const firstTokens = served.map(({ arrivedMs, firstTokenMs }) => firstTokenMs - arrivedMs)
  return {
    requests: served.length,
    refused,
    swaps: loads,
    makespanMs: served.reduce((latest, { endedMs }) => Math.max(latest, endedMs), 0),
    wait: spreadOf(served.map(({ arrivedMs, startedMs }) => startedMs - arrivedMs)),
    firstToken: { meanMs: mean(firstTokens), p95Ms: spreadOf(firstTokens).p95Ms },
    overtaken: overtakenOf(served),
    loadingMs,
    idleWhileWaiting,
  }
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other)
  const quantile = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  return {
    meanMs: mean(values),
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    p99Ms: quantile(0.99),
    maxMs: sorted.at(-1) ?? 0,
  }
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

function overtakenOf(served: readonly ServedRequest[]): Overtaken {
  const inOrder = served.toSorted((one, other) => one.startedMs - other.startedMs || one.arrivedMs - other.arrivedMs)
  let [requests, byMs, latestMs] = [0, 0, -Infinity]
  for (const { arrivedMs } of inOrder) {
    if (latestMs > arrivedMs) {
      requests += 1
      byMs = Math.max(byMs, latestMs - arrivedMs)
    }
    latestMs = Math.max(latestMs, arrivedMs)
  }
  return { requests, byMs }
}
