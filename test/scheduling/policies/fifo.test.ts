import { expect, test } from 'vitest'

import { fifo } from '../../../src/scheduling/policies/fifo.ts'
import { residentModel, viewOf, waitingModel } from './views.ts'

test('the model whose oldest request came first is next, and nobody before it', () => {
  const waiting = [waitingModel('S', { bytes: 5, waitedMs: 1 }), waitingModel('O', { bytes: 15, waitedMs: 2 })]
  expect(fifo.nextSwap(viewOf({ waiting, residents: [] }))).toMatchObject({ target: 'O' })
  expect(fifo.nextSwap(viewOf({ waiting, residents: [], otherBytes: 10 }))).toEqual({ kind: 'wait' })
})

test('the least recently used idle model makes room', () => {
  const residents = [
    residentModel('busy', { running: 1, lastUsedAtMs: 1 }),
    residentModel('idle', { lastUsedAtMs: 3 }),
    residentModel('idler', { lastUsedAtMs: 2 }),
  ]
  const view = viewOf({ waiting: [waitingModel('T', { bytes: 10 })], residents, otherBytes: -10 })
  expect(fifo.nextSwap(view)).toMatchObject({ evict: ['idler'] })
})

test('a small victim taken first is spared when a larger one has to go as well', () => {
  const residents = [residentModel('small', { bytes: 4 }), residentModel('large', { bytes: 16, lastUsedAtMs: 1 })]
  const view = viewOf({ waiting: [waitingModel('T', { bytes: 16 })], residents })
  expect(fifo.nextSwap(view)).toMatchObject({ evict: ['large'] })
})

test('of the models that are held the one that is free first is waited for', () => {
  const residents = [
    residentModel('A', { bytes: 10, heldUntilMs: 9_000 }),
    residentModel('B', { bytes: 10, heldUntilMs: 7_000 }),
  ]
  const view = viewOf({ waiting: [waitingModel('T')], residents })
  expect(fifo.nextSwap(view)).toEqual({ kind: 'wait', askAgainAtMs: 7_000 })
})
