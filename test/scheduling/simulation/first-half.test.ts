import { expect, test } from 'vitest'

import { checkSchedules, schedulesWanted } from './check-schedules.ts'

// Two files, so that two cores share the work.
const { from, count } = schedulesWanted()

test(
  `no rule is broken in ${Math.ceil(count / 2)} random schedules from seed ${from} on`,
  () => {
    expect(() => checkSchedules({ from, to: from + Math.ceil(count / 2) })).not.toThrow()
  },
  Infinity,
)
