import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createRecentRequests } from '../../src/telemetry/recent-requests.ts'
import { requestRecord } from '../support/request-record.ts'

test('the last records are kept, in the order in which they came, and no more than the capacity', () => {
  fc.assert(
    fc.property(fc.nat(20), fc.nat(60), (capacity, count) => {
      const recent = createRecentRequests(capacity)
      const records = Array.from({ length: count }, (_, index) => requestRecord({ requestId: String(index) }))
      for (const record of records) recent.add(record)
      const kept = capacity === 0 ? [] : records.slice(-capacity)
      expect(recent.latest(1000)).toEqual(kept.toReversed())
      for (const record of records) expect(recent.find(record.requestId)).toEqual(kept.filter((one) => one === record))
    }),
  )
})

test('a correlation id that a client repeated finds every request that carried it', () => {
  const recent = createRecentRequests(10)
  const records = ['a', 'b', 'a'].map((correlationId, index) =>
    requestRecord({ requestId: String(index), correlationId }),
  )
  for (const record of records) recent.add(record)
  expect(recent.find('a').map(({ requestId }) => requestId)).toEqual(['0', '2'])
  expect(recent.find('c')).toEqual([])
})

test('asking for fewer gives the newest', () => {
  const recent = createRecentRequests(10)
  for (const requestId of ['1', '2', '3']) recent.add(requestRecord({ requestId }))
  expect(recent.latest(2).map(({ requestId }) => requestId)).toEqual(['3', '2'])
  expect(recent.latest(-1)).toEqual([])
})

test('after a change of the capacity the newest that have room are kept, and the ring goes on', () => {
  fc.assert(
    fc.property(fc.nat(20), fc.nat(20), fc.nat(40), fc.nat(40), (before, after, first, second) => {
      const recent = createRecentRequests(before)
      const add = (count: number, prefix: string): string[] =>
        Array.from({ length: count }, (_, index) => {
          recent.add(requestRecord({ requestId: `${prefix}${index}` }))
          return `${prefix}${index}`
        })
      const old = add(first, 'a').slice(-before || Infinity)
      recent.resize(after)
      const all = [...old.slice(-after || Infinity), ...add(second, 'b')]
      expect(recent.latest(1000).map(({ requestId }) => requestId)).toEqual(all.slice(-after || Infinity).toReversed())
    }),
  )
})

test('each new record is numbered, and told to whoever follows, until they stop', () => {
  const recent = createRecentRequests(2)
  const told: number[] = []
  const stop = recent.follow((number) => told.push(number))
  for (const requestId of ['0', '1', '2']) recent.add(requestRecord({ requestId }))
  stop()
  recent.add(requestRecord({ requestId: '3' }))
  expect([told, recent.count]).toEqual([[1, 2, 3], 4])
})
