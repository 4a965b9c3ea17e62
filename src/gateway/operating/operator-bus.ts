import type { Bus } from '../../core/bus.ts'

/** What an operator asks of the bus: what waits, what was put aside, to have that worked on again, and to look on. */
export type OperatorBus = Pick<Bus, 'consumers' | 'deadLetters' | 'redrive' | 'consumer' | 'removeConsumer'>
