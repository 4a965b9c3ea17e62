import { type Bus, type BusEvent, eventsMax } from '../src/core/bus.ts'
import type { PairTask } from '../src/core/pair-notice.ts'
import type { Turn } from '../src/core/turn.ts'
import { EventUnreadable } from '../src/events/event-unreadable.ts'
import { isOfLaterVersion } from '../src/events/is-of-later-version.ts'
import { flowType, readFlowEvent } from '../src/events/flow-event.ts'
import { readTurnEvent } from '../src/events/read-turn-event.ts'
import { subjects } from '../src/events/subjects.ts'
import { turnType } from '../src/events/write-turn-event.ts'
import { isDataError } from '../src/store/is-data-error.ts'
import type { Store } from '../src/store/open-store.ts'
import { resolvePlace } from '../src/memory/identity/resolve-place.ts'
import type { WorkerDefinition } from '../src/core/worker-definition.ts'
import { contentOf } from '../src/worker/persist/content-of.ts'
import { roundEvents } from '../src/worker/persist/round-events.ts'

/** What persist needs of the store. */
export type PersistStore = Pick<Store, 'conversations' | 'turns' | 'flows'>

export interface PersistOptions {
  /** Rejects while the store cannot be had. */
  readonly store: () => Promise<PersistStore>
  readonly turnsKeepMs: number
  readonly lineageKeepMs: number
  /** What is to be done next with rounds, and the bus that tells of it. Absent: nothing. */
  readonly next?: { readonly tasks: readonly PairTask[]; readonly bus: () => Promise<Pick<Bus, 'publish'>> }
}

/** Keeps turns and lineage in the store. Idempotent by the request's id, so an event may come any number of times. */
export function persistWorker({ store, turnsKeepMs, lineageKeepMs, next }: PersistOptions): WorkerDefinition {
  return {
    name: 'persist',
    subjects: [subjects.persist, subjects.lineage],
    isForLater: ({ headers }) => isOfLaterVersion(headers['ce-type'] ?? '', [turnType, flowType]),
    isDataError: (error) => error instanceof EventUnreadable || isDataError(error),
    async work(events: readonly BusEvent[]) {
      const turns = events.filter(({ subject }) => subject !== subjects.lineage).map(readTurnEvent)
      const flows = events.filter(({ subject }) => subject === subjects.lineage).map(readFlowEvent)
      const opened = await store()
      const startedAtMs = Date.now()
      const began = performance.now()
      await placeTurns(turns, opened, turnsKeepMs)
      const contents = turns.map(contentOf)
      await opened.turns.fill(contents)
      const durationUs = ((performance.now() - began) * 1000) / Math.max(1, turns.length)
      // Before these events are done with: whoever is ended in between publishes the same again.
      if (next !== undefined) await publishAll(roundEvents(contents, next.tasks), await next.bus())
      const steps = turns.map((turn) => ({ ...persistStep(turn), startedAtMs, durationUs }))
      await opened.flows.addSteps(steps, { keepMs: lineageKeepMs })
      await opened.flows.add(flows, { keepMs: lineageKeepMs })
    },
  }
}

/** Those that found no place while they ran, in the order in which they began: later ones may go on from earlier ones. */
async function placeTurns(turns: readonly Turn[], { conversations, turns: table }: PersistStore, keepMs: number) {
  const placed = await table.placed(turns.map(({ requestId }) => requestId))
  const left = turns.filter(({ requestId }) => !placed.has(requestId))
  for (const turn of left.toSorted((one, other) => one.startedAtMs - other.startedAtMs)) {
    const { tenant, principal, claims } = turn
    await resolvePlace(conversations, { request: { ...turn, scope: { tenant, principal }, keepMs }, claims })
  }
}

async function publishAll(events: readonly BusEvent[], bus: Pick<Bus, 'publish'>): Promise<void> {
  for (let start = 0; start < events.length; start += eventsMax)
    await bus.publish(events.slice(start, start + eventsMax))
}

function persistStep({ requestId, tenant, principal, place, toolCalls }: Turn) {
  const facts = { identity: place === undefined ? 'found later' : 'known', tool_calls: toolCalls.length }
  return { requestId, tenant, principal, type: 'persist', ref: place?.reply, facts } as const
}
