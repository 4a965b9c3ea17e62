import { hashText, seededRandom } from '../../../sim/seeded-random.ts'
import type { Script } from '../../../sim/engine-options.ts'
import { type PlannedCall, taskKinds } from '../agent-task.ts'
import { strong, type WeakHabit } from '../weak-turn.ts'
import { type Fault, faultTable } from './fault-table.ts'

export const seededWeakness = 'draws its faults'

/** How often a turn goes wrong. */
const faultRate = 0.6

/**
 * Models that draw what they do wrong, anew in each turn: the same seed and the same history give the same fault. None of the
 * faults is one of the twenty habits, and none of them ends because the model is told.
 */
export function randomHabits({ count, seed }: { readonly count: number; readonly seed: number }): readonly WeakHabit[] {
  return Array.from({ length: count }, (_, at) => ({
    weakness: seededWeakness,
    habit: `seed ${seed + at}`,
    task: taskKinds[at % taskKinds.length] ?? 'find',
    turn: (moment) => {
      const { next, seen } = moment
      const random = seededRandom(hashText(`${seed + at}/${seen}`))
      if (next === undefined || random() >= faultRate) return strong(moment)
      return written(faultTable[Math.floor(random() * faultTable.length)], next)
    },
  }))
}

function written(fault: Fault | undefined, { name, arguments: args }: PlannedCall): Script {
  return fault === undefined ? {} : fault.write({ name, args, json: JSON.stringify(args) })
}
