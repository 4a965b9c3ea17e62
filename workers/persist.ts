import type { BusEvent } from '../src/core/bus.ts'
import { EventUnreadable } from '../src/events/event-unreadable.ts'
import { readTurnEvent } from '../src/events/read-turn-event.ts'
import { subjects } from '../src/events/subjects.ts'
import { isDataError } from '../src/store/is-data-error.ts'
import type { Turns } from '../src/store/turns.ts'
import type { WorkerDefinition } from '../src/worker/worker-definition.ts'

export interface PersistOptions {
  /** Rejects while the store cannot be had. */
  readonly turns: () => Promise<Pick<Turns, 'add' | 'addLineage'>>
  readonly turnsKeepMs: number
  readonly lineageKeepMs: number
}

/** Keeps turns and lineage in the store. Idempotent by the request's id, so an event may come any number of times. */
export function persistWorker({ turns, turnsKeepMs, lineageKeepMs }: PersistOptions): WorkerDefinition {
  return {
    name: 'persist',
    subjects: [subjects.persist, subjects.lineage],
    isDataError: (error) => error instanceof EventUnreadable || isDataError(error),
    async work(events: readonly BusEvent[]) {
      const read = events.map(readTurnEvent)
      const store = await turns()
      const given = read.flatMap((event) => (event.type === 'turn' ? [event.turn] : []))
      const flows = read.flatMap((event) => (event.type === 'lineage' ? [event.lineage] : []))
      await store.add(given, { keepMs: turnsKeepMs })
      await store.addLineage(flows, { keepMs: lineageKeepMs })
    },
  }
}
