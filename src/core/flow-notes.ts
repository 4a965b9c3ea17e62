import { type FlowNotes, type FlowSource, flowSourcesMax, type FlowStep, flowStepsMax } from './flow.ts'
import type { RequestRecord } from './request-record.ts'

/** Adds a step to the lineage of a request; one too many is let go. */
export function noteStep(record: RequestRecord, step: FlowStep): void {
  const { steps } = notesOf(record)
  if (steps.length < flowStepsMax) steps.push(step)
}

/** What was looked at for a request, the best first; those beyond the bound are let go. */
export function noteSources(record: RequestRecord, sources: readonly FlowSource[]): void {
  const notes = notesOf(record)
  notes.sources.push(...sources.slice(0, flowSourcesMax - notes.sources.length))
}

function notesOf(record: RequestRecord): FlowNotes {
  return (record.flow ??= { steps: [], sources: [] })
}
