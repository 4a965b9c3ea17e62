import { type Bus, type BusEvent, eventsMax } from '../src/core/bus.ts'
import type { PairTask } from '../src/core/pair-notice.ts'
import type { FileRead } from '../src/core/file-read.ts'
import type { Flow } from '../src/core/flow.ts'
import type { Turn } from '../src/core/turn.ts'
import { EventUnreadable } from '../src/events/event-unreadable.ts'
import { isOfLaterVersion } from '../src/events/is-of-later-version.ts'
import { flowType, readFlowEvent } from '../src/events/flow-event.ts'
import { fileReadType, readFileReadEvent } from '../src/events/file-read-event.ts'
import { readTurnEvent } from '../src/events/read-turn-event.ts'
import { subjects } from '../src/events/subjects.ts'
import { turnType } from '../src/events/write-turn-event.ts'
import { isDataError } from '../src/store/is-data-error.ts'
import type { Store } from '../src/store/open-store.ts'
import { resolvePlace } from '../src/memory/identity/resolve-place.ts'
import type { WorkerDefinition } from '../src/core/worker-definition.ts'
import { contentOf } from '../src/gateway/side/content-of.ts'
import { historyOf } from '../src/worker/persist/history-of.ts'
import { roundEvents } from '../src/worker/persist/round-events.ts'

/** What persist needs of the store. */
export type PersistStore = Pick<Store, 'conversations' | 'turns' | 'artifacts' | 'flows' | 'forgotten'>

export interface PersistOptions {
  /** Rejects while the store cannot be had. */
  readonly store: () => Promise<PersistStore>
  readonly turnsKeepMs: number
  readonly lineageKeepMs: number
  /** What is to be done next with rounds, and the bus that tells of it. Absent: nothing. */
  readonly next?: { readonly tasks: readonly PairTask[]; readonly bus: () => Promise<Pick<Bus, 'publish'>> }
}

/**
 * Keeps turns, files that were read and lineage in the store. Idempotent by the request's id, so an event may come any
 * number of times.
 */
export function persistWorker({ store, turnsKeepMs, lineageKeepMs, next }: PersistOptions): WorkerDefinition {
  return {
    name: 'persist',
    subjects: [subjects.persist, subjects.toolCall, subjects.lineage],
    isForLater: ({ headers }) => isOfLaterVersion(headers['ce-type'] ?? '', [turnType, fileReadType, flowType]),
    isDataError: (error) => error instanceof EventUnreadable || isDataError(error),
    async work(events: readonly BusEvent[]) {
      const isAbout = (one: string) => (event: BusEvent) => event.subject === one
      const others = events.filter(({ subject }) => subject !== subjects.lineage && subject !== subjects.toolCall)
      const opened = await store()
      const { told, reads, flows } = await stillToKeep(
        {
          told: others.map(readTurnEvent),
          reads: events
            .filter(isAbout(subjects.toolCall))
            .map((event) => ({ ...readFileReadEvent(event), atMs: timeOf(event) })),
          flows: events.filter(isAbout(subjects.lineage)).map(readFlowEvent),
        },
        opened,
      )
      const startedAtMs = Date.now()
      const began = performance.now()
      await placeTurns(told, opened, turnsKeepMs)
      const contents = told.flatMap((turn) => [...historyOf(turn), contentOf(turn)])
      await opened.turns.fill(contents)
      await opened.artifacts.link(told.map(({ requestId }) => requestId))
      await opened.artifacts.keep(reads)
      const durationUs = ((performance.now() - began) * 1000) / Math.max(1, told.length)
      // Before these events are done with: whoever is ended in between publishes the same again.
      if (next !== undefined) await publishAll(roundEvents(contents, next.tasks), await next.bus())
      const steps = told.map((turn) => ({ ...persistStep(turn), startedAtMs, durationUs }))
      await opened.flows.addSteps(steps, { keepMs: lineageKeepMs })
      await opened.flows.add(flows, { keepMs: lineageKeepMs })
    },
  }
}

interface Told {
  readonly told: readonly Turn[]
  readonly reads: readonly (FileRead & { readonly atMs: number })[]
  readonly flows: readonly Flow[]
}

/** Without what belongs to those who were forgotten meanwhile: events come late, and again. */
async function stillToKeep({ told, reads, flows }: Told, { forgotten }: PersistStore): Promise<Told> {
  const gone = await forgotten.among([
    ...told.map((turn) => ({ ...turn, conversation: turn.place?.conversation, atMs: turn.startedAtMs })),
    ...reads,
    ...flows,
  ])
  const isKept = ({ requestId }: { readonly requestId: string }): boolean => !gone.has(requestId)
  return { told: told.filter(isKept), reads: reads.filter(isKept), flows: flows.filter(isKept) }
}

/** When an event was made; of one that does not say it, now. */
function timeOf({ headers }: BusEvent): number {
  const atMs = Date.parse(headers['ce-time'] ?? '')
  return Number.isNaN(atMs) ? Date.now() : atMs
}

/** Finds places for those that have none yet, in the order in which they began: later ones may go on from earlier ones. */
async function placeTurns(
  told: readonly Turn[],
  { conversations, turns: table }: PersistStore,
  keepMs: number,
): Promise<void> {
  const placed = await table.placed(told.map(({ requestId }) => requestId))
  const left = told.filter(({ requestId }) => !placed.has(requestId))
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
