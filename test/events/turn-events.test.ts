import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import type { BusEvent } from '../../src/core/bus.ts'
import type { Reply } from '../../src/core/chat/reply.ts'
import type { Message } from '../../src/core/chat/message.ts'
import type { RequestRecord } from '../../src/core/request-record.ts'
import type { Turn } from '../../src/core/turn.ts'
import { readTurnEvent } from '../../src/events/read-turn-event.ts'
import { readFlowEvent, writeFlowEvent } from '../../src/events/flow-event.ts'
import { flowOf } from '../../src/events/flow-of.ts'
import { subjects } from '../../src/events/subjects.ts'
import { turnBeginningOf, turnEndOf, type TurnFacts } from '../../src/events/turn-of.ts'
import { claimsOf } from '../../src/memory/identity/claims-of.ts'
import { turnEventBeginning, turnEventRest, writeTurnEvent } from '../../src/events/write-turn-event.ts'

const folder = join(import.meta.dirname, '../fixtures/events')

const record: RequestRecord = {
  requestId: '019a0000-0000-7000-8000-000000000001',
  correlationId: 'chat-7',
  startedAtMs: 1_764_000_000_000,
  method: 'POST',
  path: '/v1/chat/completions',
  route: '/v1/chat/completions',
  operation: 'chat',
  principal: 'ada',
  requestedModel: 'small',
  model: 'small-q4',
  backend: 'rig',
  reason: 'only one',
  kind: 'agent',
  isStream: true,
  status: 200,
  requestBytes: 300,
  responseBytes: 900,
  durationMs: 1234.5,
  timeToFirstByteMs: 80,
  promptTokens: 40,
  completionTokens: 12,
  hops: [{ backend: 'old', model: 'small', url: 'http://x', cause: 'refused', message: 'secret', durationMs: 3 }],
  timeline: [{ atMs: 1, event: 'routed', detail: 'secret' }],
  isClientGone: false,
}

const messages: readonly Message[] = [
  { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
  { role: 'user', parts: [{ type: 'text', text: 'Earlier.' }] },
  { role: 'assistant', parts: [{ type: 'text', text: 'Said.' }] },
  { role: 'tool', callId: 'call_1', parts: [{ type: 'text', text: '42' }] },
  {
    role: 'user',
    parts: [
      { type: 'text', text: 'What is it?\u0000' },
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'aGVsbG8=' } },
    ],
  },
]

const scope = { tenant: 'home', principal: 'ada' }
const key = { source: 'llmr', key: 'c-1' }
const claims = claimsOf({ scope, messages, key, previousRequestId: '019a0000-0000-7000-8000-000000000000' })
if (claims === undefined) throw new Error('expected claims')
const facts = { scope, claims, userText: 'What is it?', messages }
const turn = turnOf({
  record,
  ...facts,
  reply: {
    parts: [
      { type: 'text', text: 'Let me look.' },
      { type: 'tool-call', id: 'call_2', name: 'look', argumentsText: '{"at":1}' },
    ],
    finishReason: 'calls',
  },
})
const lineage = flowOf(record)
const source = { instanceId: 'i-1' }
const written = {
  'persist.v1.json': writeTurnEvent(turn, source),
  'lineage.v1.json': writeFlowEvent(lineage, source),
}

function turnOf({ reply, ...told }: TurnFacts & { readonly reply: Reply | undefined }): Turn {
  return { ...turnBeginningOf(told), ...turnEndOf(told.record, reply) }
}

function golden(name: string): BusEvent {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as BusEvent
}

describe('events of version 1', () => {
  test.each(Object.entries(written))('%s is written as it always was', (name, event) => {
    if (process.env['LLMR_WRITE_GOLDEN']) writeFileSync(join(folder, name), `${JSON.stringify(event, undefined, 2)}\n`)
    expect(JSON.parse(JSON.stringify(event))).toEqual(golden(name))
  })

  test('every event that was ever written can be read, and says what it said', () => {
    for (const name of readdirSync(folder).filter((file) => /^(persist|lineage)\./.test(file))) {
      const event = golden(name)
      expect(() => (event.subject === subjects.lineage ? readFlowEvent : readTurnEvent)(event), name).not.toThrow()
    }
    expect(readTurnEvent(golden('persist.v1.json'))).toEqual(structuredClone(turn))
    expect(readFlowEvent(golden('lineage.v1.json'))).toEqual(JSON.parse(JSON.stringify(lineage)))
  })

  test('a field of a later llmr is passed over', () => {
    const event = golden('persist.v1.json')
    const body = { ...(event.body as object), mood: 'good' }
    expect(readTurnEvent({ ...event, body })).toEqual(structuredClone(turn))
  })

  test('what cannot be understood is refused without showing content', () => {
    const event = golden('persist.v1.json')
    const refused = (changes: Partial<BusEvent>) => () => readTurnEvent({ ...event, ...changes })
    expect(refused({ headers: { 'ce-type': 'llmr.knowledge.chat.persist.v2' } })).toThrow('persist.v2')
    expect(refused({ body: 'secret words' })).toThrow('expected an object as the body, got string')
    expect(refused({ body: { ...(event.body as object), input: 'secret words' } })).toThrow(
      'expected a list as input, got string',
    )
  })
})

test('an event that is written in two halves is the event', () => {
  expect(JSON.parse(turnEventBeginning(turn, source) + turnEventRest(turn))).toEqual(golden('persist.v1.json'))
})

test('only what is new in a request is kept, and of media nothing but the digest', () => {
  expect(turn.input).toHaveLength(2)
  const text = JSON.stringify(turn)
  expect(text).not.toContain('Earlier.')
  expect(text).not.toContain('aGVsbG8=')
})

test('a turn whose place is known says it, and nothing that only serves to find it', () => {
  const place = { conversation: '019a0000-0000-7000-8000-00000000000a', turn: '7', reply: '8' }
  const placed = turnOf({ record, ...facts, place, reply: undefined })
  expect(placed.claims).toEqual({ ...claims, callIds: [], rounds: [], olderRounds: 1 })
  const read = readTurnEvent(writeTurnEvent(placed, source))
  expect(read).toMatchObject({ place, claims: placed.claims })
})

test('lineage holds no text that a client, a model or a backend has written', () => {
  expect(JSON.stringify(lineage)).not.toContain('secret')
})

test('a turn says how it ended', () => {
  const outcome = (changes: Partial<RequestRecord>) =>
    turnOf({ record: { ...record, ...changes }, ...facts, reply: undefined }).outcome
  expect(outcome({})).toBe('complete')
  expect(outcome({ isClientGone: true })).toBe('stopped')
  expect(outcome({ status: 503, errorCode: 'queue_timeout' })).toBe('failed')
})
