import type { ErrorCode } from '../../core/error.ts'
import type { Waiter } from '../queue/waiter.ts'
import type { RefusalReason } from '../scheduler-effect.ts'
import type { Step } from '../state/scheduler-state.ts'

/** What each reason means to a client. */
const codes = {
  model_unknown: 'model_not_found',
  queue_full: 'queue_full',
  queues_full: 'queue_full',
  waited_too_long: 'queue_timeout',
  load_failed: 'load_failed',
  does_not_fit: 'does_not_fit',
  unloaded: 'no_backend_available',
} as const satisfies Record<RefusalReason, ErrorCode>

export interface Refusal {
  readonly reason: RefusalReason
  readonly message: string
  readonly retryAfterMs?: number
}

/** Tells one request that it will not be served. */
export function refuseRequest({ emit }: Step, requestId: string, refusal: Refusal): void {
  emit({ type: 'refuse', requestId, code: codes[refusal.reason], ...refusal })
}

/** The same for one that waits. */
export function refuseWaiter(step: Step, waiter: Waiter, refusal: Refusal): void {
  removeWaiter(step, waiter)
  refuseRequest(step, waiter.requestId, refusal)
}

export function refuseAll(step: Step, model: string, refusal: Refusal): void {
  const waiters = Array.from(step.state.models.get(model)?.queue ?? [])
  for (const waiter of waiters) refuseWaiter(step, waiter, refusal)
}

/** Forgets a waiter, wherever it is kept. */
export function removeWaiter({ state }: Step, waiter: Waiter): void {
  state.waiters.delete(waiter.requestId)
  const model = state.models.get(waiter.model)
  model?.queue.drop(waiter)
  model?.owed.delete(waiter.requestId)
}
