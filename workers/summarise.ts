import type { BusEvent } from '../src/core/bus.ts'
import type { WorkerDefinition } from '../src/core/worker-definition.ts'
import { EventUnreadable } from '../src/events/event-unreadable.ts'
import { isOfLaterVersion } from '../src/events/is-of-later-version.ts'
import { pairTypes, readPairEvent } from '../src/events/pair-event.ts'
import { subjects } from '../src/events/subjects.ts'
import type { Summariser } from '../src/gateway/configure/summariser-of.ts'
import { condensePath, type PathStore } from '../src/memory/summaries/condense-path.ts'
import type { SummarySettings } from '../src/memory/summaries/plan-summaries.ts'
import { SummaryUnusable } from '../src/memory/summaries/read-summary.ts'
import { isDataError } from '../src/store/is-data-error.ts'
import type { Summaries } from '../src/store/summaries.ts'
import { InputRefused } from '../src/worker/model-fault.ts'
import { PatientSummariser } from '../src/worker/summarise/patient-summariser.ts'

export interface SummariseOptions {
  /** Rejects while the store cannot be had. */
  readonly summaries: () => Promise<Summaries>
  readonly summariser: Summariser
  readonly settings: SummarySettings
}

/** Condenses long paths. What is written is not written again, so an event may come any number of times. */
export function summariseWorker({ summaries, summariser, settings }: SummariseOptions): WorkerDefinition {
  const patient = new PatientSummariser(summariser)
  let written = 0
  return {
    name: 'summarise',
    subjects: [subjects.summarise],
    isForLater: ({ headers }) => isOfLaterVersion(headers['ce-type'] ?? '', [pairTypes.summarise]),
    isDataError: (error) =>
      error instanceof EventUnreadable ||
      error instanceof SummaryUnusable ||
      error instanceof InputRefused ||
      isDataError(error),
    async work(events: readonly BusEvent[]) {
      const table = await summaries()
      const store = pathStore(table, summariser.model)
      const requestIds = events.map((event) => readPairEvent('summarise', event))
      for (const requestId of await table.long(requestIds, settings.aboveTokens)) {
        written += await condensePath(requestId, { store, settings, ask: (messages) => patient.ask(messages) })
      }
    },
    counters: () => [{ metric: 'llmr_summaries_written_total', labels: {}, value: written }],
    close: () => summariser.close(),
  }
}

function pathStore(table: Summaries, model: string): PathStore {
  return {
    path: (requestId) => table.path(requestId),
    kept: (replies) => table.kept(replies),
    spoken: (replies) => table.spoken(replies),
    put: (summary) => table.put({ ...summary, model }),
    remove: (summaries) => table.remove(summaries),
  }
}
