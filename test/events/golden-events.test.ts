import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import type { BusEvent } from '../../src/core/bus.ts'
import type { Flow } from '../../src/core/flow.ts'
import { readFileReadEvent, writeFileReadEvent } from '../../src/events/file-read-event.ts'
import { readPairEvent, writePairEvent } from '../../src/events/pair-event.ts'
import { writeRetrieveEvent } from '../../src/events/retrieve-event.ts'

const folder = join(import.meta.dirname, '../fixtures/events')
const source = { instanceId: 'i-1' }
const requestId = '019a0000-0000-7000-8000-000000000001'
const whose = { requestId, correlationId: 'chat-7', tenant: 'home', principal: 'ada' }

const fileRead = {
  ...whose,
  callId: 'call_2',
  path: 'src/main.ts',
  sha256: 'ab'.repeat(32),
  bytes: 5,
  content: 'hello',
}

const flow: Flow = {
  ...whose,
  conversation: '019a0000-0000-7000-8000-0000000000c0',
  operation: 'chat',
  status: 200,
  startedAtMs: 1_764_000_000_000,
  durationMs: 1235,
  steps: [
    { type: 'request', startedUs: 0 },
    { type: 'retrieve', startedUs: 900, durationUs: 4100, facts: { mode: 'hybrid', found: 2 } },
    { type: 'inject', startedUs: 5000, digest: 'cd'.repeat(32), facts: { tokens: 212 } },
  ],
  edges: [
    { from: 0, to: 1, relation: 'informed-by' },
    { from: 1, to: 2, relation: 'used' },
  ],
  sources: [
    { kind: 'round', ref: '41', rank: 1, score: 0.031, isInjected: true, tokens: 212 },
    { kind: 'round', ref: '17', rank: 2, score: 0.012, isInjected: false, reason: 'floor' },
  ],
}

const written: Readonly<Record<string, BusEvent | undefined>> = {
  'embedding.v1.json': writePairEvent('embedding', whose),
  'summarise.v1.json': writePairEvent('summarise', whose),
  'tool_call.v1.json': writeFileReadEvent(fileRead, { atMs: 1_764_000_000_000, source }),
  'retrieve.v1.json': writeRetrieveEvent(flow, source),
}

function golden(name: string): BusEvent {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as BusEvent
}

test.each(Object.entries(written))('%s is written as consumers know it', (name, event) => {
  if (process.env['LLMR_WRITE_GOLDEN']) writeFileSync(join(folder, name), `${JSON.stringify(event, undefined, 2)}\n`)
  expect(JSON.parse(JSON.stringify(event))).toEqual(golden(name))
})

test('what was written once is understood for good', () => {
  expect(readPairEvent('embedding', golden('embedding.v1.json'))).toBe(requestId)
  expect(readPairEvent('summarise', golden('summarise.v1.json'))).toBe(requestId)
  const { correlationId: _, ...read } = fileRead
  expect(readFileReadEvent(golden('tool_call.v1.json'))).toEqual(read)
})

test('a request that nothing was looked for tells nothing of retrieval', () => {
  expect(writeRetrieveEvent({ ...flow, steps: flow.steps.slice(0, 1), sources: [] }, source)).toBeUndefined()
})
