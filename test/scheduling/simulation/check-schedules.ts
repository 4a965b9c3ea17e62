import { makeSchedule } from './make-schedule.ts'
import type { Schedule } from './schedule.ts'
import { shrinkSchedule } from './shrink-schedule.ts'
import { runSchedule } from './simulated-house.ts'

export interface Seeds {
  readonly from: number
  /** The first that is not run. */
  readonly to: number
}

/**
 * Runs the schedule of every seed. Undefined when no rule is broken; else the seed of the first that breaks one, and the
 * least part of it that does, which can be pasted into a test.
 */
export function checkSchedules({ from, to }: Seeds): string | undefined {
  for (let seed = from; seed < to; seed += 1) {
    const schedule = makeSchedule(seed)
    if (brokenRule(schedule) === undefined) continue
    const least = shrinkSchedule(schedule, (smaller) => brokenRule(smaller) !== undefined)
    return `seed ${seed}: ${brokenRule(least)}\n${JSON.stringify(least, undefined, 1)}`
  }
  return undefined
}

function brokenRule(schedule: Schedule): string | undefined {
  try {
    runSchedule(schedule)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
