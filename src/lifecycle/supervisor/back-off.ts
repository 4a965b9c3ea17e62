/**
 * How a model that does not stay up is started again: later and later. It shuts nothing: whoever wants to know how the
 * model stands may always ask, and one that stays up, or is stopped in good order, begins anew.
 */
export interface BackOff {
  /** Starts in a row that led to nothing. */
  readonly failures: number
  /** Not started by itself before this monotonic time. */
  readonly retryAtMs: number
}

export const noBackOff: BackOff = { failures: 0, retryAtMs: 0 }

const firstMs = 1_000
const longestMs = 60_000

/** One that has served so long did not fail to start. */
const stableMs = 10_000

export function afterFailure({ failures }: BackOff, nowMs: number): BackOff {
  // The exponent is bounded too, or it would overflow after a week of failures.
  const waitMs = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 10))
  return { failures: failures + 1, retryAtMs: nowMs + waitMs }
}

export function afterCrash(
  backOff: BackOff,
  { servedMs, nowMs }: { readonly servedMs: number; readonly nowMs: number },
): BackOff {
  return afterFailure(servedMs >= stableMs ? noBackOff : backOff, nowMs)
}
