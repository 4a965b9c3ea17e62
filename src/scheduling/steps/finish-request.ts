import type { Step } from '../state/scheduler-state.ts'

/** A slot is free again; what the service took is now known instead of guessed. */
export function finishRequest({ state, nowMs }: Step, requestId: string): void {
  const model = state.models.get(state.atWork.get(requestId) ?? '')
  const request = model?.running.get(requestId)
  state.atWork.delete(requestId)
  if (model === undefined || request === undefined) return
  model.running.delete(requestId)
  model.lastUsedAtMs = nowMs
  const serviceMs = nowMs - request.startedAtMs
  model.serviceMs.add(serviceMs)
  const { lane, principal, weight } = request.waiter
  model.queue.correct({ lane, principal, weight, byMs: serviceMs - request.chargedMs })
}
