import type { Bus } from '../../core/bus.ts'

/** What an operator asks of the bus: what waits, what was put aside, and to have that worked on again. */
export type OperatorBus = Pick<Bus, 'consumers' | 'deadLetters' | 'redrive'>
