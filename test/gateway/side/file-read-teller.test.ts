import { expect, test } from 'vitest'

import { readFileReadEvent } from '../../../src/events/file-read-event.ts'
import { FileReadTeller } from '../../../src/gateway/side/file-read-teller.ts'
import { requestRecord } from '../../support/request-record.ts'
import { call, result, user } from '../../support/toolcalls/history.ts'

const scope = { tenant: 'acme', principal: 'me' }
const me = { ...scope, conversation: 'one' }
const round = (path: string, content: string, id = 'c1') => [
  user('Read.'),
  call(id, 'read', { path }),
  result(id, content),
]
const record = requestRecord({ requestId: 'r1' })

test('a read is told with its digest, its size and its content', () => {
  const [event] = new FileReadTeller({ instanceId: 'i' }).eventsOf(record, me, round('a.ts', 'häuser'))
  expect(event && readFileReadEvent(event)).toEqual({
    ...scope,
    requestId: 'r1',
    callId: 'c1',
    path: 'a.ts',
    sha256: '34c94dbc2853cfdeb05bc68864b5a4c08dda7cc38ad3219612703b73d49c4a07',
    bytes: 7,
    content: 'häuser',
  })
})

test('the same content of the same file is told once to each conversation, and again when it has changed', () => {
  const teller = new FileReadTeller({ instanceId: 'i' })
  const told = (reader: typeof me, path: string, content: string) =>
    teller.eventsOf(record, reader, round(path, content)).length
  expect(told(me, 'a', 'one')).toBe(1)
  expect(told(me, 'a', 'one')).toBe(0)
  expect(told(me, 'b', 'one')).toBe(1)
  expect(told(me, 'a', 'two')).toBe(1)
  expect(told({ ...me, conversation: 'another' }, 'a', 'one')).toBe(1)
  expect(told({ ...me, principal: 'you' }, 'a', 'one')).toBe(1)
})

test('what is told already is forgotten at last: the memory is bounded', () => {
  const teller = new FileReadTeller({ instanceId: 'i' })
  const told = (path: string) => teller.eventsOf(record, me, round(path, 'text')).length
  for (let at = 0; at <= 10_000; at++) told(`f${at}`)
  expect(told('f10000')).toBe(0)
  expect(told('f0')).toBe(1)
})

test('of a large file only the digest is told', () => {
  const [event] = new FileReadTeller({ instanceId: 'i' }).eventsOf(record, me, round('a', 'x'.repeat(300_000)))
  expect(event && readFileReadEvent(event)).toMatchObject({ bytes: 300_000, content: undefined })
})
