import type { FailureCause } from '../core/backend.ts'
import { judgeFailure } from './judge-failure.ts'

/**
 * What is believed of one backend, from its checks and from the requests it serves. It only orders candidates: one that
 * is `failing` or `loading` is asked last, never locked out, so a backend that has just come back serves at once.
 * Times are monotonic milliseconds.
 */
export interface BackendHealth {
  readonly status: 'unknown' | 'healthy' | 'loading' | 'failing'
  /** When it took on this status. */
  readonly sinceMs: number
  /** Failed checks in a row, whether they were believed or not. */
  readonly consecutiveFailures: number
  /** The last failure since it was last well. */
  readonly cause?: FailureCause
  /** When the next check is due; an absolute time, so that events in between do not push it away. */
  readonly nextCheckAtMs: number
  /** When the last check ended. */
  readonly checkedAtMs?: number
  /** When a request last succeeded; noted once after each check. */
  readonly servedAtMs?: number
}

export interface HealthSettings {
  /** Between checks of a healthy backend. */
  readonly intervalMs: number
  /** After a first failed check; doubles up to `intervalMs`. */
  readonly failingIntervalMs: number
}

export type HealthEvent =
  | { readonly type: 'check-succeeded'; readonly nowMs: number; readonly isLoading: boolean }
  | { readonly type: 'check-failed'; readonly nowMs: number; readonly cause: FailureCause }
  | { readonly type: 'request-succeeded'; readonly nowMs: number }
  | { readonly type: 'request-failed'; readonly nowMs: number; readonly cause: FailureCause }

/** Loads take seconds to minutes, and somebody waits for most of them. */
const loadingIntervalMs = 1_000

/** Failing requests bring the next check forward, but a burst of them must not become a burst of checks. */
const checkGapMinMs = 1_000

export function unknownHealth(nowMs: number): BackendHealth {
  return { status: 'unknown', sinceMs: nowMs, consecutiveFailures: 0, nextCheckAtMs: nowMs }
}

/** @param random draws from [0, 1): spreads checks by ±10 %, so that backends are not all asked in the same moment. */
export function healthAfter(
  health: BackendHealth,
  event: HealthEvent,
  settings: HealthSettings,
  random: () => number,
): BackendHealth {
  const inAbout = (delayMs: number): number => event.nowMs + delayMs * (0.9 + 0.2 * random())
  switch (event.type) {
    case 'check-succeeded':
      return checked(health, event.nowMs, {
        status: event.isLoading ? 'loading' : 'healthy',
        nextCheckAtMs: inAbout(event.isLoading ? loadingIntervalMs : settings.intervalMs),
      })
    case 'check-failed':
      return afterFailedCheck(health, event, settings, inAbout)
    case 'request-succeeded':
      return afterServing(health, event.nowMs)
    case 'request-failed':
      return afterFailedRequest(health, event, inAbout)
  }
}

/** Whether requests should go there before they go to backends of which this is not true. */
export function isAvailable(health: BackendHealth): boolean {
  return health.status === 'healthy' || health.status === 'unknown'
}

function afterFailedCheck(
  health: BackendHealth,
  { nowMs, cause }: { readonly nowMs: number; readonly cause: FailureCause },
  settings: HealthSettings,
  inAbout: (delayMs: number) => number,
): BackendHealth {
  // 1. An answer, if not the one that was hoped for: the server is there.
  if (cause === 'loading')
    return checked(health, nowMs, { status: 'loading', nextCheckAtMs: inAbout(loadingIntervalMs) })
  if (cause === 'busy') {
    return checked(health, nowMs, { status: 'healthy', nextCheckAtMs: inAbout(settings.failingIntervalMs) })
  }

  const consecutiveFailures = health.consecutiveFailures + 1
  const delayMs = Math.min(settings.intervalMs, settings.failingIntervalMs * 2 ** (consecutiveFailures - 1))
  const failed = { cause, consecutiveFailures, nextCheckAtMs: inAbout(delayMs) }

  // 2. An engine with both hands full may not answer a status question in time. A request that it has served since the
  //    check before is the better witness, so this check is outvoted; the next one comes soon and needs a new witness.
  if (health.status === 'healthy' && hasServedSinceCheck(health)) {
    return { ...health, ...failed, checkedAtMs: nowMs }
  }

  // 3. Nothing speaks for it.
  return checked(health, nowMs, { status: 'failing', ...failed })
}

function afterServing(health: BackendHealth, nowMs: number): BackendHealth {
  if (health.status !== 'healthy') {
    return { ...withStatus(health, 'healthy', nowMs), consecutiveFailures: 0, cause: undefined, servedAtMs: nowMs }
  }
  // Noted once after each check: this runs for every request.
  return hasServedSinceCheck(health) ? health : { ...health, servedAtMs: nowMs }
}

function afterFailedRequest(
  health: BackendHealth,
  { nowMs, cause }: { readonly nowMs: number; readonly cause: FailureCause },
  inAbout: (delayMs: number) => number,
): BackendHealth {
  const { countsForBreaker, marksBackendDown } = judgeFailure(cause)
  if (cause === 'loading') {
    if (health.status === 'loading') return health
    return { ...withStatus(health, 'loading', nowMs), cause, nextCheckAtMs: inAbout(loadingIntervalMs) }
  }
  // While it is failing, its checks keep their own growing distance.
  if (health.status === 'failing') return health
  const soon = { cause, nextCheckAtMs: checkSoon(health, nowMs) }
  if (marksBackendDown) return { ...withStatus(health, 'failing', nowMs), ...soon }
  // `no_such_model` is no illness, but the list of models is out of date and a check reads it anew.
  return countsForBreaker || cause === 'no_such_model' ? { ...health, ...soon } : health
}

function checked(
  health: BackendHealth,
  nowMs: number,
  outcome: Pick<BackendHealth, 'status' | 'nextCheckAtMs'> & Partial<BackendHealth>,
): BackendHealth {
  return {
    ...withStatus(health, outcome.status, nowMs),
    consecutiveFailures: 0,
    cause: undefined,
    ...outcome,
    checkedAtMs: nowMs,
  }
}

function withStatus(health: BackendHealth, status: BackendHealth['status'], nowMs: number): BackendHealth {
  return health.status === status ? health : { ...health, status, sinceMs: nowMs }
}

function hasServedSinceCheck({ servedAtMs, checkedAtMs }: BackendHealth): boolean {
  return servedAtMs !== undefined && (checkedAtMs === undefined || servedAtMs > checkedAtMs)
}

function checkSoon({ checkedAtMs, nextCheckAtMs }: BackendHealth, nowMs: number): number {
  const soonestMs = checkedAtMs === undefined ? nowMs : Math.max(nowMs, checkedAtMs + checkGapMinMs)
  return Math.min(nextCheckAtMs, soonestMs)
}
