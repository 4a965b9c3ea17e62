import type { ModelState } from '../state/model-state.ts'
import type { SchedulerState, Step } from '../state/scheduler-state.ts'
import { refuseAll } from './refuse-waiter.ts'

/** Refuses at once whom no waiting would help: the model is too large, or what is in its way will never go by itself. */
export function refuseImpossible(step: Step): void {
  const { state } = step
  for (const model of state.models.values()) {
    if (model.phase !== 'absent' || model.queue.length === 0) continue
    const lasting = residents(state).filter((other) => staysForGood(state, model, other))
    if (fitsBeside(state, model, lasting)) continue
    const names = lasting.map(({ name }) => name).join(', ')
    refuseAll(step, model.name, {
      reason: 'does_not_fit',
      message:
        names === ''
          ? `${model.name} needs more memory than is configured for models.`
          : `${model.name} does not fit beside ${names}, kept in memory by a pin or a persistent group. Unload it first.`,
    })
  }
}

/** For the time being no set of victims makes room, because of a lease, or a group whose members only their ttl puts out. */
export function isBlocked({ state, nowMs }: Pick<Step, 'state' | 'nowMs'>, model: ModelState): boolean {
  const kept = residents(state).filter((other) => other.isPinned(nowMs) || !mayEvict(state, model, other))
  return !fitsBeside(state, model, kept)
}

function residents({ models }: SchedulerState): readonly ModelState[] {
  return Array.from(models.values()).filter(({ isStaying }) => isStaying)
}

function staysForGood(state: SchedulerState, target: ModelState, other: ModelState): boolean {
  return other.model.isPinned || (!mayEvict(state, target, other) && other.ttlMs === Infinity)
}

function mayEvict({ constraint }: SchedulerState, target: ModelState, victim: ModelState): boolean {
  return constraint.mayEvict({ target: target.model, victim: victim.held })
}

function fitsBeside({ constraint }: SchedulerState, target: ModelState, others: readonly ModelState[]): boolean {
  return constraint.admits({ target: target.model, beside: others.map(({ held }) => held) })
}
