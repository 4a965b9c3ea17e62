import { expect, test } from 'vitest'

import { ripe } from '../../../src/scheduling/policies/ripe.ts'
import { residentModel, viewOf, waitingModel } from './views.ts'

const busyTraffic = { rate: 0.000_5, weightedRate: 0.000_5 }

test('a model comes in as soon as the waiting done outweighs the harm, and not before', () => {
  const residents = [residentModel('A', { bytes: 20, ...busyTraffic })]
  const early = viewOf({ waiting: [waitingModel('T', { waitedMs: 1_000, rate: 0.001 })], residents })
  expect(ripe.nextSwap(early)).toMatchObject({ kind: 'wait' })
  // Away for 0.5 + 4 + 1 + 0.5 + 4 s, at one request in two seconds: 25 request-seconds.
  const late = viewOf({ waiting: [waitingModel('T', { waitedMs: 25_000, rate: 0.001 })], residents })
  expect(ripe.nextSwap(late)).toMatchObject({ kind: 'swap', target: 'T', evict: ['A'], isForced: false })
})

test('it asks again when the waiting may have caught up, and within a second in any case', () => {
  const residents = [residentModel('A', { bytes: 20, ...busyTraffic })]
  const far = viewOf({ waiting: [waitingModel('T', { waitedMs: 1_000, rate: 0.001 })], residents, nowMs: 5_000 })
  expect(ripe.nextSwap(far)).toEqual({ kind: 'wait', askAgainAtMs: 6_000 })
  const near = viewOf({ waiting: [waitingModel('T', { waitedMs: 24_100, rate: 0.001 })], residents, nowMs: 5_000 })
  expect(ripe.nextSwap(near)).toEqual({ kind: 'wait', askAgainAtMs: 5_400 })
})

test('a model that is asked for once in two minutes comes in at once: holding it back gathers no company', () => {
  const residents = [residentModel('A', { bytes: 20, ...busyTraffic })]
  const rare = waitingModel('T', { waitedMs: 0, rate: 1 / 120_000 })
  expect(ripe.nextSwap(viewOf({ waiting: [rare], residents }))).toMatchObject({ kind: 'swap', target: 'T' })
})

test('an overdue request comes in whatever the harm', () => {
  const residents = [residentModel('A', { bytes: 20, running: 4, rate: 1, weightedRate: 1 })]
  const waiting = [waitingModel('T', { rate: 1, dueAtMs: 0 })]
  expect(ripe.nextSwap(viewOf({ waiting, residents }))).toMatchObject({ kind: 'swap', target: 'T', isForced: true })
})

test('overdue requests have at least every second swap that puts a model out', () => {
  const residents = [residentModel('A', { bytes: 20 })]
  const waiting = [waitingModel('O', { dueAtMs: 0, rate: 0.001 }), waitingModel('R', { waitedMs: 90_000, rate: 0.001 })]
  expect(ripe.nextSwap(viewOf({ waiting, residents, isOverdueTurn: true }))).toMatchObject({ target: 'O' })
  expect(ripe.nextSwap(viewOf({ waiting, residents, isOverdueTurn: false }))).toMatchObject({ target: 'R' })
})

test('of several overdue requests the oldest comes first', () => {
  const residents = [residentModel('A', { bytes: 20 })]
  const waiting = [waitingModel('N', { dueAtMs: -1 }), waitingModel('O', { dueAtMs: -2 })]
  expect(ripe.nextSwap(viewOf({ waiting, residents }))).toMatchObject({ target: 'O', isForced: true })
  const together = [
    waitingModel('N', { dueAtMs: -1, oldestSequence: 8 }),
    waitingModel('O', { dueAtMs: -1, oldestSequence: 7 }),
  ]
  expect(ripe.nextSwap(viewOf({ waiting: together, residents }))).toMatchObject({ target: 'O', isForced: true })
})

test('memory that comes free next is kept for an overdue request whose turn it is', () => {
  const waiting = [waitingModel('O', { bytes: 15, dueAtMs: 0 }), waitingModel('S', { bytes: 5, waitedMs: 50_000 })]
  const view = viewOf({ waiting, residents: [], otherBytes: 10 })
  expect(ripe.nextSwap(view)).toEqual({ kind: 'wait' })
  expect(ripe.nextSwap({ ...view, isOverdueTurn: false })).toMatchObject({ target: 'S', evict: [] })
})

test('the queue goes first that has waited most for each second that serving it takes', () => {
  const waiting = [
    waitingModel('slow', { waitedMs: 20_000, loadMs: 40_000 }),
    waitingModel('quick', { waitedMs: 10_000, loadMs: 2_000 }),
  ]
  const view = viewOf({ waiting, residents: [], otherBytes: 10 })
  expect(ripe.nextSwap(view)).toMatchObject({ target: 'quick' })
})

test('a queue that can have no room does not keep the next one waiting', () => {
  const waiting = [waitingModel('L', { bytes: 20, waitedMs: 50_000 }), waitingModel('S', { bytes: 5 })]
  const view = viewOf({ waiting, residents: [], otherBytes: 10 })
  expect(ripe.nextSwap(view)).toMatchObject({ kind: 'swap', target: 'S' })
})

test('a model that is held for now is no victim, unless the request is overdue', () => {
  const residents = [residentModel('A', { bytes: 20, heldUntilMs: 10 })]
  const view = viewOf({ waiting: [waitingModel('T', { waitedMs: 50_000 })], residents })
  expect(ripe.nextSwap(view)).toMatchObject({ kind: 'wait' })
  expect(ripe.nextSwap({ ...view, waiting: [waitingModel('T', { dueAtMs: 0 })] })).toMatchObject({ kind: 'swap' })
})
