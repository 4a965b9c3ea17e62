import { waitEstimate } from '../estimate-wait.ts'
import { laneWeight } from '../lane.ts'
import type { ArriveEvent } from '../scheduler-event.ts'
import type { ModelState } from '../state/model-state.ts'
import type { Step } from '../state/scheduler-state.ts'
import { refuseRequest } from './refuse-waiter.ts'
import type { Refusal } from './refuse-waiter.ts'
import { isClassFull } from './serve-waiters.ts'

/** Puts a request into its model's queue, or refuses it if that is full. Who can start at once needs no place. */
export function admitRequest(step: Step, event: ArriveEvent): void {
  const { state, nowMs } = step
  const { requestId } = event
  if (state.waiters.has(requestId) || state.atWork.has(requestId)) {
    throw new Error(`Request id ${requestId} has arrived twice; ids must be unique while a request is here.`)
  }
  const model = state.models.get(event.model)
  if (model === undefined || model.leaving === 'removed') {
    return refuseRequest(step, requestId, {
      reason: 'model_unknown',
      message: `No model named ${event.model} is configured to be run here.`,
    })
  }
  const full = canStartAtOnce(step, model) ? undefined : fullQueue(step, model)
  if (full) return refuseRequest(step, requestId, full)

  const waiter = {
    requestId,
    model: event.model,
    lane: event.lane,
    principal: event.principal,
    weight: event.weight,
    waitWeight: event.weight * model.model.weight * laneWeight(event.lane),
    arrivedAtMs: nowMs,
    deadlineMs: event.deadlineMs,
    isLoadOnly: event.isLoadOnly ?? false,
    sequence: state.sequence,
  }
  state.sequence += 1
  state.waiters.set(requestId, waiter)
  model.queue.add(waiter)
  if (!waiter.isLoadOnly) model.arrivals.add(nowMs, waiter.waitWeight)
}

function canStartAtOnce({ state }: Step, model: ModelState): boolean {
  return model.phase === 'ready' && model.hasFreeSlot && model.queue.length === 0 && !isClassFull(state, model)
}

function fullQueue(step: Step, model: ModelState): Refusal | undefined {
  const { queuedPerModelMax, queuedMax } = step.state.settings
  if (model.queue.length >= queuedPerModelMax) {
    return {
      reason: 'queue_full',
      message: `${queuedPerModelMax} requests for ${model.name} wait already, which is the limit. Try again later.`,
      retryAfterMs: untilHalfServedMs(step, model),
    }
  }
  if (step.state.waiters.size >= queuedMax) {
    return {
      reason: 'queues_full',
      message: `${queuedMax} requests wait already, which is the limit for all models. Try again later.`,
      retryAfterMs: untilHalfServedMs(step, model),
    }
  }
  return undefined
}

/** A client that comes back as soon as one place is free would mostly find it taken. */
function untilHalfServedMs({ state, nowMs }: Step, model: ModelState): number {
  return Math.max(1_000, Math.round(waitEstimate(state, model, nowMs)(model.queue.length >> 1)))
}
