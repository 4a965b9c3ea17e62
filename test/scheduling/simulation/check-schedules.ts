import { makeSchedule } from './make-schedule.ts'
import type { Schedule } from './schedule.ts'
import { shrinkSchedule } from './shrink-schedule.ts'
import { runSchedule } from './simulated-house.ts'

/**
 * Runs every schedule from seed `from` up to `to`. The first that breaks a rule fails with its seed and the least part
 * of it that breaks one, which can be pasted into a test.
 */
export function checkSchedules({ from, to }: { readonly from: number; readonly to: number }): void {
  for (let seed = from; seed < to; seed += 1) {
    const schedule = makeSchedule(seed)
    if (brokenRule(schedule) === undefined) continue
    const least = shrinkSchedule(schedule, (smaller) => brokenRule(smaller) !== undefined)
    throw new Error(
      `seed ${seed}: ${brokenRule(least) ?? 'cannot be repeated'}\n${JSON.stringify(least, undefined, 1)}`,
    )
  }
}

/** How many schedules to run, and from which seed: `LLMR_SCHEDULES=100000 LLMR_SCHEDULES_FROM=1 npx vitest run …`. */
export function schedulesWanted(): { readonly from: number; readonly count: number } {
  return {
    from: Number(process.env['LLMR_SCHEDULES_FROM'] ?? 1),
    count: Number(process.env['LLMR_SCHEDULES'] ?? 1_000),
  }
}

function brokenRule(schedule: Schedule): string | undefined {
  try {
    runSchedule(schedule)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
