import type { BusEvent, Delivery } from '../core/bus.ts'
import type { WorkerDefinition } from '../core/worker-definition.ts'
import type { Blamed } from './sort-deliveries.ts'

export interface BatchOutcome {
  readonly done: readonly Delivery[]
  readonly poison: readonly Blamed[]
}

/**
 * Does a batch. When events are at fault it is halved until they are found, so one that can never be done takes nobody
 * along: one among `n` costs about `2 log n` more attempts.
 *
 * @throws whatever is not the events' fault; nothing is known then of those that were not done yet
 */
export async function workBatch(definition: WorkerDefinition, deliveries: readonly Delivery[]): Promise<BatchOutcome> {
  const [first] = deliveries
  if (first === undefined) return { done: [], poison: [] }
  try {
    await definition.work(deliveries.map(({ event }): BusEvent => event))
    return { done: deliveries, poison: [] }
  } catch (error) {
    if (!definition.isDataError(error)) throw error
    if (deliveries.length === 1) {
      return { done: [], poison: [{ delivery: first, reason: error instanceof Error ? error.message : String(error) }] }
    }
  }
  const middle = Math.ceil(deliveries.length / 2)
  const left = await workBatch(definition, deliveries.slice(0, middle))
  const right = await workBatch(definition, deliveries.slice(middle))
  return { done: [...left.done, ...right.done], poison: [...left.poison, ...right.poison] }
}
