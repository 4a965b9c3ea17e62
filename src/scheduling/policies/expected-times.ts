import type { ModelTraffic, ResidentModel } from './swap-policy.ts'

/** Until the last request at work on it ends, if services have no memory: the longest of `running` of them. */
export function drainMs({ serviceMs, running }: Pick<ResidentModel, 'serviceMs' | 'running'>): number {
  let harmonic = 0
  for (let count = 1; count <= running; count += 1) harmonic += 1 / count
  return serviceMs * harmonic
}

/** Until all that wait for it have been served, once it is there. */
export function batchMs({ model, queued, serviceMs }: ModelTraffic): number {
  return Math.ceil(queued / servedAtOnce(model)) * serviceMs
}

export function servedAtOnce(model: ModelTraffic['model']): number {
  return Math.max(1, Math.min(model.slots, model.concurrencyMax ?? model.slots))
}
