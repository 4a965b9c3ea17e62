import { expect, test } from 'vitest'

import type { BusEvent } from '../../../src/core/bus.ts'
import type { FlowNotes } from '../../../src/core/flow.ts'
import { subjects } from '../../../src/events/subjects.ts'
import { TurnRecorder } from '../../../src/gateway/side/turn-recorder.ts'
import { requestRecord } from '../../support/request-record.ts'

const flow: FlowNotes = {
  steps: [{ type: 'retrieve', startedUs: 900, durationUs: 40, facts: { mode: 'window', found: 1 } }],
  sources: [{ kind: 'round', ref: '41', rank: 1, isInjected: false, reason: 'floor' }],
}

function subjectsOf(notes: FlowNotes | undefined): readonly string[] {
  const told: BusEvent[] = []
  const recorder = new TurnRecorder({
    remembering: undefined,
    source: { instanceId: 'i-1' },
    spool: { begin: () => ({ type: 'too-large' }), finish: () => undefined, append: (event) => told.push(event) },
    attempt: (_, work) => work(),
  })
  const record = requestRecord({ operation: 'chat', ...(notes !== undefined && { flow: notes }) })
  recorder.tell(record)
  return told.map(({ subject }) => subject)
}

test('a request that something was looked for tells of it on a subject of its own, beside its lineage (N3.3)', () => {
  expect(subjectsOf(flow)).toEqual([subjects.retrieve, subjects.lineage])
  expect(subjectsOf(undefined)).toEqual([subjects.lineage])
})
