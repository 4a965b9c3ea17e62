import type { Waiter } from '../../../src/scheduling/queue/waiter.ts'

export function waiterOf(sequence: number, change: Partial<Waiter> = {}): Waiter {
  return {
    requestId: `r${sequence}`,
    model: 'A',
    lane: 'interactive',
    principal: 'p',
    weight: 1,
    waitWeight: 1,
    arrivedAtMs: sequence,
    deadlineMs: Infinity,
    isLoadOnly: false,
    sequence,
    ...change,
  }
}
