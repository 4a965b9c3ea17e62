import type { BusEvent } from '../src/core/bus.ts'
import type { WorkerDefinition } from '../src/core/worker-definition.ts'
import { EventUnreadable } from '../src/events/event-unreadable.ts'
import { isOfLaterVersion } from '../src/events/is-of-later-version.ts'
import { pairTypes, readPairEvent } from '../src/events/pair-event.ts'
import { subjects } from '../src/events/subjects.ts'
import type { Summariser } from '../src/gateway/configure/summariser-of.ts'
import { condensePath } from '../src/memory/summaries/condense-path.ts'
import type { SummarySettings } from '../src/memory/summaries/plan-summaries.ts'
import { SummaryUnusable } from '../src/memory/summaries/read-summary.ts'
import { isDataError } from '../src/store/is-data-error.ts'
import type { Summaries } from '../src/store/summaries.ts'
import { InputRefused } from '../src/worker/model-fault.ts'
import { PatientSummariser } from '../src/worker/summarise/patient-summariser.ts'
import { toldPath } from '../src/worker/summarise/told-path.ts'

export interface SummariseOptions {
  /** Rejects while the store cannot be had. */
  readonly summaries: () => Promise<Summaries>
  readonly summariser: Summariser
  readonly settings: SummarySettings
  readonly lineageKeepMs: number
}

/** Condenses long paths. What is written is not written again, so an event may come any number of times. */
export function summariseWorker(options: SummariseOptions): WorkerDefinition {
  const { summariser, settings, lineageKeepMs } = options
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
      const table = await options.summaries()
      const path = { table, summariser: patient, lineageKeepMs }
      const requestIds = events.map((event) => readPairEvent('summarise', event))
      for (const requestId of await table.long(requestIds, settings.aboveTokens)) {
        written += await condensePath(requestId, { settings, ...toldPath(requestId, path) })
      }
    },
    counters: () => [{ metric: 'llmr_summaries_written_total', labels: {}, value: written }],
    close: () => summariser.close(),
  }
}
