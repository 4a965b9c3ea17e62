import type { SchedulerModel } from '../scheduler-model.ts'
import type { ResidencyConstraint } from './residency-constraint.ts'

/** The sizes of all residents add up to no more than each pool has. `pools`: bytes by name. */
export function memoryPools(pools: Readonly<Record<string, number>>): ResidencyConstraint {
  return {
    admits: ({ target, beside }) => {
      for (const pool in target.sizeBytes) {
        const size = sizeIn(target, pool)
        if (size === 0) continue
        let held = size
        for (const model of beside) held += sizeIn(model, pool)
        if (held > (pools[pool] ?? 0)) return false
      }
      return true
    },
  }
}

export function sizeIn(model: SchedulerModel, pool: string): number {
  return model.sizeBytes[pool] ?? 0
}
