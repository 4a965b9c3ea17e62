import fc from 'fast-check'
import { expect, test } from 'vitest'

import { noteSources, noteStep } from '../../src/core/flow-notes.ts'
import { type FlowStep, flowSourceKinds, flowSourcesMax, flowStepsMax } from '../../src/core/flow.ts'
import type { RequestRecord, TimelineEntry } from '../../src/core/request-record.ts'
import { flowBytesMax, readFlowEvent, writeFlowEvent } from '../../src/events/flow-event.ts'
import { flowOf } from '../../src/events/flow-of.ts'
import { flowProblem } from '../../src/events/flow-problem.ts'
import { requestRecord } from '../support/request-record.ts'

const source = { instanceId: 'i' }

const words = fc.string({ maxLength: 200 })
const noted: fc.Arbitrary<FlowStep> = fc.record({
  type: fc.constantFrom('resolve', 'retrieve', 'rerank', 'inject'),
  startedUs: fc.nat(),
  durationUs: fc.nat(),
  ref: words,
  facts: fc.dictionary(
    fc.string({ maxLength: 12 }).filter((name) => name !== '__proto__'),
    fc.oneof(words, fc.nat(), fc.boolean()),
  ),
})
const looked = fc.record({
  kind: fc.constantFrom(...flowSourceKinds),
  ref: words,
  rank: fc.nat({ max: 100 }),
  score: fc.double({ noNaN: true, noDefaultInfinity: true }),
  isInjected: fc.boolean(),
  tokens: fc.nat(),
  reason: words,
})
const entry: fc.Arbitrary<TimelineEntry> = fc.record({
  atMs: fc.nat({ max: 100_000 }),
  event: fc.constantFrom(
    'routed',
    'waiting',
    'admitted',
    'sent',
    'backend-failed',
    'finished',
    'client-gone',
    'calls-read',
    'lane',
    'intent',
    'other',
  ),
  detail: fc.option(words, { nil: undefined }),
})

/** Whatever stages may note, in any order and any number. */
const records: fc.Arbitrary<RequestRecord> = fc
  .record({
    steps: fc.array(noted, { maxLength: 80 }),
    sources: fc.array(looked, { maxLength: 60 }),
    timeline: fc.array(entry, { maxLength: 64 }),
    kind: fc.constantFrom('user', 'agent', 'background', undefined),
    requestedModel: fc.option(words, { nil: undefined }),
  })
  .map(({ steps, sources, ...facts }) => {
    const record = requestRecord(facts)
    for (const step of steps) noteStep(record, step)
    noteSources(record, sources)
    return record
  })

test('a flow has one beginning and no circles, and shows a model nothing that was not retrieved, whatever was noted', () => {
  fc.assert(
    fc.property(records, (record) => {
      const flow = flowOf(record)
      expect(flowProblem(flow)).toBeUndefined()
      expect(flow.steps.length).toBeLessThanOrEqual(flowStepsMax)
      expect(flow.sources.length).toBeLessThanOrEqual(flowSourcesMax)
    }),
  )
})

test('the event of a flow is never larger than its bound, and can always be read', () => {
  fc.assert(
    fc.property(records, (record) => {
      const event = writeFlowEvent(flowOf(record), source)
      const body = JSON.stringify(event.body)
      const read = readFlowEvent({ ...event, body: JSON.parse(body) })
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(flowBytesMax)
      expect(flowProblem(read)).toBeUndefined()
    }),
  )
})

test('what a graph cannot be is refused', () => {
  const { steps, edges } = flowOf(requestRecord({ timeline: [{ atMs: 1, event: 'routed' }] }))
  const shown = [{ kind: 'round', ref: '1', rank: 1, isInjected: true }] as const
  const retrieve = { type: 'retrieve', startedUs: 1 } as const
  expect(flowProblem({ steps: [], edges: [], sources: [] })).toMatch(/the request/)
  expect(flowProblem({ steps: steps.toReversed(), edges, sources: [] })).toMatch(/the request/)
  expect(flowProblem({ steps, edges: [...edges, { from: 2, to: 1, relation: 'used' }], sources: [] })).toMatch(/later/)
  expect(flowProblem({ steps, edges: edges.slice(1), sources: [] })).toMatch(/go back to the request/)
  expect(flowProblem({ steps, edges, sources: shown })).toMatch(/retrieved/)
  const unshown = {
    steps: [...steps, retrieve],
    edges: [...edges, { from: 0, to: steps.length, relation: 'used' as const }],
  }
  expect(flowProblem({ ...unshown, sources: shown })).toMatch(/come out of a retrieval/)
})

test('the way of a request that waited, failed over and was given back what it had said is told in order', () => {
  const record = requestRecord({
    hops: [
      { backend: 'old', model: 'm', url: 'http://x', cause: 'refused', status: 502, message: 'words', durationMs: 5 },
    ],
    timeline: [
      { atMs: 1, event: 'routed', detail: 'm: named' },
      { atMs: 2, event: 'sent', detail: 'old m' },
      { atMs: 7, event: 'backend-failed', detail: 'old: refused' },
      { atMs: 8, event: 'waiting', detail: 'm is not in memory' },
      { atMs: 508, event: 'admitted', detail: 'm' },
      { atMs: 509, event: 'sent', detail: 'box m' },
      { atMs: 900, event: 'calls-read', detail: '2, 1 of them put right' },
      { atMs: 1000, event: 'finished' },
    ],
  })
  noteStep(record, { type: 'inject', startedUs: 900, facts: { tokens: 80 }, digest: 'd' })
  noteStep(record, { type: 'resolve', startedUs: 100, ref: 'conversation' })
  noteStep(record, { type: 'retrieve', startedUs: 300 })
  noteSources(record, [{ kind: 'round', ref: '7', rank: 1, isInjected: true }])
  const flow = flowOf(record, ['first', 'second'])
  const told = flow.steps.map(({ type, ref, durationUs, hasFailed }) => [type, ref, durationUs, hasFailed])
  expect(told).toEqual([
    ['request', undefined, 1_100_000, undefined],
    ['classify', undefined, undefined, undefined],
    ['resolve', 'conversation', undefined, undefined],
    ['retrieve', undefined, undefined, undefined],
    ['inject', undefined, undefined, undefined],
    ['route', undefined, undefined, undefined],
    ['generate', 'old m', 5_000, true],
    ['wait', undefined, 500_000, undefined],
    ['generate', 'box m', 491_000, undefined],
    ['tool', undefined, undefined, undefined],
  ])
  expect(flow.steps.map(({ digest }) => digest).filter(Boolean)).toEqual(['d', 'first', 'second'])
  expect(flow.edges).toContainEqual({ from: 4, to: 8, relation: 'used' })
  expect(flow.edges).toContainEqual({ from: 7, to: 8, relation: 'informed-by' })
  expect(flow.conversation).toBe('conversation')
  expect(flow.sources).toHaveLength(1)
  expect(JSON.stringify(flow)).not.toContain('words')
})
