import type { Schedule } from './schedule.ts'

/** The smallest part of the schedule found that still breaks a rule: what happens in it, then the models nobody needs. */
export function shrinkSchedule(schedule: Schedule, breaks: (schedule: Schedule) => boolean): Schedule {
  const happenings = shrinkList(schedule.happenings, (fewer) => breaks({ ...schedule, happenings: fewer }))
  const fewer = { ...schedule, happenings }
  const models = shrinkList(fewer.models, (kept) => kept.length > 0 && breaks({ ...fewer, models: kept }))
  return { ...fewer, models }
}

/** Takes out halves, quarters and so on, down to single ones, for as long as the rest still breaks. */
function shrinkList<Entry>(list: readonly Entry[], breaks: (list: readonly Entry[]) => boolean): readonly Entry[] {
  let kept = list
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < kept.length;) {
      const fewer = [...kept.slice(0, from), ...kept.slice(from + size)]
      if (breaks(fewer)) kept = fewer
      else from += size
    }
  }
  return kept
}
