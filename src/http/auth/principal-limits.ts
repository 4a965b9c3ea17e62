import type { Clock } from '../../core/clock.ts'
import { LlmrError } from '../../core/error.ts'
import type { Principal } from '../../core/principal.ts'
import { createMinuteWindow, type MinuteWindow } from './minute-window.ts'

export interface PrincipalLimits {
  /**
   * Takes a place for one request; the function returned gives it back, and may be called more than once.
   *
   * @throws LlmrError `concurrency_limited` or `rate_limited` with the seconds after which a repeat may succeed. A
   *   refused request does not count.
   */
  acquire(principal: Principal): () => void
  /** Principals remembered, for the test that says it is bounded. */
  readonly size: number
}

interface Usage {
  inFlight: number
  window: MinuteWindow | undefined
}

/** How much each principal does at once and in any minute. Limits come with the principal, so a reload needs nothing. */
export function createPrincipalLimits(clock: Pick<Clock, 'monotonic'>): PrincipalLimits {
  const usages = new Map<string, Usage>()
  let nextSweepAtMs = Number.NEGATIVE_INFINITY

  return {
    acquire(principal) {
      const { id, maxConcurrent, requestsPerMinute } = principal
      if (maxConcurrent === undefined && requestsPerMinute === undefined) return nothingTaken
      const nowMs = clock.monotonic()
      const usage = usages.get(id) ?? remember(id, nowMs)
      if (maxConcurrent !== undefined && usage.inFlight >= maxConcurrent) throw concurrencyLimited(id, maxConcurrent)
      if (requestsPerMinute !== undefined) {
        usage.window ??= createMinuteWindow()
        const waitMs = usage.window.waitMs(requestsPerMinute, nowMs)
        if (waitMs > 0) throw rateLimited(id, requestsPerMinute, waitMs)
        usage.window.add(nowMs)
      }
      usage.inFlight += 1
      return givingBack(usage)
    },
    get size() {
      return usages.size
    },
  }

  function remember(id: string, nowMs: number): Usage {
    if (nowMs >= nextSweepAtMs) sweep(nowMs)
    if (usages.size >= usagesMax) forgetOne()
    const usage: Usage = { inFlight: 0, window: undefined }
    usages.set(id, usage)
    return usage
  }

  function sweep(nowMs: number): void {
    nextSweepAtMs = nowMs + sweepIntervalMs
    for (const [id, usage] of usages) {
      const isIdle = usage.inFlight === 0 && (usage.window?.isEmpty(nowMs) ?? true)
      if (isIdle) usages.delete(id)
    }
  }

  /** The oldest with nothing in flight. Those that have are never more than there are requests. */
  function forgetOne(): void {
    for (const [id, usage] of usages) {
      if (usage.inFlight > 0) continue
      usages.delete(id)
      return
    }
  }
}

const sweepIntervalMs = 60_000
const usagesMax = 10_000

function nothingTaken(): void {}

function givingBack(usage: Usage): () => void {
  let isGivenBack = false
  return () => {
    if (isGivenBack) return
    isGivenBack = true
    usage.inFlight -= 1
  }
}

function concurrencyLimited(id: string, limit: number): LlmrError {
  return new LlmrError(
    'concurrency_limited',
    `"${id}" has ${limit} requests in flight already, as many as it may (max_concurrent).`,
    { retryAfterSeconds: 1, isRetryable: true },
  )
}

function rateLimited(id: string, limit: number, waitMs: number): LlmrError {
  const seconds = Math.ceil(waitMs / 1000)
  return new LlmrError(
    'rate_limited',
    `"${id}" has started ${limit} requests within a minute, as many as it may (requests_per_minute). ` +
      `Ask again in ${seconds} s.`,
    { retryAfterSeconds: seconds, isRetryable: true },
  )
}
