import type { PlannedCall } from '../agent-task.ts'
import { call, isTold, strong, type WeakHabit, type WeakMoment } from '../weak-turn.ts'

const weakness = 'repeats calls'

/** The same again, until something stops it. */
export const repeatingHabits: readonly WeakHabit[] = [
  {
    weakness,
    habit: 'until told',
    task: 'find',
    turn: again(
      (done) => done[0],
      ({ seen }) => isTold(seen),
    ),
  },
  {
    weakness,
    habit: 'until the tool is gone',
    task: 'search',
    turn: again(
      (done) => done[0],
      ({ done, offered }) => !offered.includes(done[0]?.name ?? ''),
    ),
  },
  {
    weakness,
    habit: 'until there are no tools',
    task: 'follow',
    turn: again(
      (done) => done.at(-1),
      ({ offered }) => offered.length === 0,
    ),
  },
  {
    weakness,
    habit: 'two in turn, until told',
    task: 'follow',
    turn: again(
      (done, seen) =>
        done.length < 2
          ? undefined
          : done[seen.split('=> texts.welcome').length > seen.split("bye: 'So long'").length ? 1 : 0],
      ({ seen }) => isTold(seen),
    ),
  },
]

/** Does again what it has done, until something stops it. */
function again(
  which: (done: readonly PlannedCall[], seen: string) => PlannedCall | undefined,
  isStopped: (moment: WeakMoment) => boolean,
): WeakHabit['turn'] {
  return (moment) => {
    const repeated = which(moment.done, moment.seen)
    return repeated === undefined || isStopped(moment) ? strong(moment) : call(repeated)
  }
}
