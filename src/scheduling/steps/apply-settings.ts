import type { SchedulerSettings } from '../scheduler-settings.ts'
import { ModelState } from '../state/model-state.ts'
import { constraintOf } from '../state/scheduler-state.ts'
import type { Step } from '../state/scheduler-state.ts'
import { closeModel } from './close-model.ts'
import { refuseAll } from './refuse-waiter.ts'
import { endSleeper } from './sleepers.ts'

/**
 * Takes over new settings while requests wait and run. What was measured of a model stays. Memory that is held stays held:
 * a smaller budget counts from the next start on, and nobody is put out for it. A removed model ends its requests first.
 */
export function applySettings(step: Step, settings: SchedulerSettings): void {
  const { state } = step
  state.settings = settings
  state.constraint = constraintOf(settings)
  for (const model of settings.models) {
    const known = state.models.get(model.name)
    if (known === undefined) state.models.set(model.name, new ModelState(model))
    else describeAnew(known, model)
  }
  const named = new Set(settings.models.map(({ name }) => name))
  for (const model of state.models.values()) if (!named.has(model.name)) removeModel(step, model)
}

function describeAnew(known: ModelState, model: ModelState['model']): void {
  known.model = model
  known.serviceMs.guess(model.expected.serviceMs)
  known.loadMs.guess(model.expected.loadMs)
  if (model.expected.wakeMs !== undefined) known.wakeMs.guess(model.expected.wakeMs)
  known.stopMs.guess(model.expected.stopMs)
  // Added again before it had gone: it goes, and may come back.
  if (known.leaving === 'removed') known.leaving = 'unload'
}

function removeModel(step: Step, model: ModelState): void {
  const message = `${model.name} has been taken out of the configuration.`
  refuseAll(step, model.name, { reason: 'model_unknown', message })
  if (model.sleep !== 'no') {
    model.leaving = 'removed'
    endSleeper(step, model, 'no longer configured')
  } else if (model.phase === 'absent') step.state.models.delete(model.name)
  else closeModel(model, { because: 'no longer configured', leaving: 'removed' })
}
