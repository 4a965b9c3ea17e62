import type { FailedAttempt } from './attempt-plan.ts'

/** A request on which this many engines died is not handed to the next. */
const deathsMax = 2

/**
 * Whether the request, rather than the backends, is the likely reason for what failed: some prompts, images or options
 * crash an engine, and a fallback would then take down one machine after another.
 */
export function killsEngines(failed: readonly FailedAttempt[]): boolean {
  return failed.length >= deathsMax && failed.filter(isDeath).length >= deathsMax
}

export function isDeath({ failure }: FailedAttempt): boolean {
  return failure.causeClass === 'died_before_reply' || failure.causeClass === 'died_mid_stream'
}
