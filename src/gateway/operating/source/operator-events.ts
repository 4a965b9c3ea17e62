import type { Bus } from '../../../core/bus.ts'
import type { SpoolStanding } from '../../../core/side-path-standing.ts'
import type { TailedEvent, TailWish } from '../tail-events.ts'

/** The bus as operator commands see it, wherever it is. */
export interface OperatorEvents extends Pick<Bus, 'consumers' | 'deadLetters' | 'redrive'> {
  /** Until the signal is given, or with `once` until the last event that is there; what is written is waited for. */
  tail(wish: TailWish, write: (event: TailedEvent) => Promise<void> | void): Promise<void>
  /** Of the gateway that is asked, or of the data folder where none runs. Undefined: it tells nobody of anything. */
  spool(): Promise<SpoolStanding | undefined>
}
