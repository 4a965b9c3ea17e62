import { expect, test } from 'vitest'

import { checkSchedules, schedulesWanted } from './check-schedules.ts'

const { from, count } = schedulesWanted()
const start = from + Math.ceil(count / 2)

test(
  `no rule is broken in ${Math.floor(count / 2)} random schedules from seed ${start} on`,
  () => {
    expect(() => checkSchedules({ from: start, to: from + count })).not.toThrow()
  },
  Infinity,
)
