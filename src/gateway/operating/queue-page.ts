import type { Principal } from '../../core/principal.ts'
import { mayUseModel } from '../../http/auth/authorize.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { SchedulerSnapshot, WaiterStanding } from '../../scheduling/snapshot.ts'
import type { Residency } from '../fleet/residency.ts'
import { noResidency } from './admin-api.ts'

/** Who waits for what. Operators see everything; others their own requests, and of those of others only that they wait. */
export function answerQueue(exchange: Exchange, residency: Residency | undefined): void {
  const snapshot = residency?.snapshot() ?? noResidency()
  const { principal } = exchange
  const isOperator = principal?.scopes.has('admin') === true
  exchange.replyJson(200, isOperator || principal === undefined ? snapshot : ownView(snapshot, principal))
}

export function ownView({ queue }: SchedulerSnapshot, principal: Principal): object {
  const seen = queue.filter(({ model }) => mayUseModel(principal, model))
  return { queue: seen.map((waiter) => (waiter.principal === principal.id ? waiter : nameless(waiter))) }
}

function nameless({ model, lane, position, waitedMs, withinMs, isOverdue }: WaiterStanding): object {
  return { model, lane, position, waitedMs, withinMs, isOverdue }
}
