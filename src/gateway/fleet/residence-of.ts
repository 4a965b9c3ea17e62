import type { Residence } from '../../core/gateway-state.ts'
import type { ModelPhase } from '../../scheduling/state/model-state.ts'

const residences: Readonly<Record<ModelPhase, Residence>> = {
  absent: 'unloaded',
  loading: 'loading',
  ready: 'loaded',
  closing: 'unloading',
  stopping: 'unloading',
}

/** The scheduler's word for where a model is, as others are told. */
export function residenceOf(phase: ModelPhase): Residence {
  return residences[phase]
}
