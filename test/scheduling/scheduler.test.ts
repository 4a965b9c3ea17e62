import { expect, test } from 'vitest'

import type { SwapPolicy } from '../../src/scheduling/policies/swap-policy.ts'
import { DrivenScheduler, modelNamed } from './driven-scheduler.ts'

const [a, b, c] = [modelNamed('A'), modelNamed('B'), modelNamed('C')]

test('a request for a resident model with a free slot is served at once', () => {
  const house = new DrivenScheduler([a]).load('A')
  expect(house.arrive('r1', 'A')).toEqual(['serve r1'])
})

test('a request for a model that is out starts it and is served when it is ready', () => {
  const house = new DrivenScheduler([a])
  expect(house.arrive('r1', 'A')).toEqual(['start A'])
  expect(house.arrive('r2', 'A')).toEqual([])
  expect(house.loaded('A')).toEqual(['serve r1'])
  expect(house.finish('r1')).toEqual(['serve r2'])
})

test('A B C A B C is served as A A B B C C (N2.2)', () => {
  const house = new DrivenScheduler([a, b, c])
  const served: string[] = []
  const swapIn = (words: readonly string[]): void => {
    for (const word of words) {
      const [verb, name = ''] = word.split(' ')
      house.nowMs += 100
      if (verb === 'start') swapIn(house.loaded(name))
      if (verb === 'stop') swapIn(house.stopped(name))
      if (verb === 'serve') {
        served.push(name)
        swapIn(house.finish(name))
      }
    }
  }
  const arrivals = ['A1', 'B1', 'C1', 'A2', 'B2', 'C2'].flatMap((id) => house.arrive(id, id[0] ?? ''))
  swapIn(arrivals)
  swapIn(house.pass(120_000))
  expect(served.map(([model]) => model).join('')).toMatch(/^AA(BBCC|CCBB)$/)
})

test('overlapping requests for one model do not starve another: it is served when it has waited its time (N2.9)', () => {
  const house = new DrivenScheduler([modelNamed('A', { slots: 2 }), b], { maxWaitMs: 10_000 }).load('A')
  house.arrive('a0', 'A')
  house.arrive('b', 'B')
  // There is never an instant at which A is idle.
  for (let turn = 1; turn <= 9; turn += 1) {
    house.pass(1_000)
    expect(house.arrive(`a${turn}`, 'A')).toEqual([`serve a${turn}`])
    house.finish(`a${turn - 1}`)
  }
  house.pass(1_000)
  expect(house.arrive('late', 'A')).toEqual([])
  expect(house.finish('a9')).toEqual(['stop A'])
  expect(house.stopped('A')).toEqual(['start B'])
  expect(house.loaded('B')).toEqual(['serve b'])
})

test('whoever loses its model to a younger overdue request has the next turn', () => {
  const house = new DrivenScheduler([a, b, modelNamed('C', { slots: 8 })], { maxWaitMs: 0 }).load('A')
  house.arrive('a1', 'A')
  house.pass(1)
  house.arrive('older', 'A')
  house.pass(1)
  house.arrive('younger', 'B')
  house.pass(1)
  expect(house.finish('a1')).toEqual(['stop A'])
  expect(house.stopped('A')).toEqual(['start B'])
  // What has gathered for C by now would be worth more.
  for (const id of ['c1', 'c2', 'c3', 'c4', 'c5', 'c6']) house.arrive(id, 'C')
  house.pass(100_000)
  expect(house.loaded('B')).toEqual(['serve younger'])
  expect(house.finish('younger')).toEqual(['stop B'])
  expect(house.stopped('B')).toEqual(['start A'])
})

test('a request is overdue at its moment, not at the next occasion', () => {
  const house = new DrivenScheduler([a, b], { maxWaitMs: 10_400 }).load('A')
  house.arrive('a1', 'A')
  house.arrive('b1', 'B')
  house.pass(10_399)
  expect(house.phase('A')).toBe('ready')
  house.pass(1)
  expect(house.phase('A')).toBe('closing')
})

test('a timer that rings a moment early is set again', () => {
  const house = new DrivenScheduler([a])
  house.arrive('r1', 'A', { deadlineMs: 2_000 })
  expect(house.wakeAtMs).toBe(2_000)
  house.nowMs = 1_999.5
  expect(house.tell({ type: 'tick' })).toEqual([])
  expect(house.wakeAtMs).toBe(2_000)
  expect(house.pass(0.5)).toEqual(['refuse r1'])
})

test('one idle instant of a busy model does not let another put it out (N2.9)', () => {
  const house = new DrivenScheduler([a, b]).load('A')
  for (let turn = 1; turn <= 5; turn += 1) {
    house.arrive(`a${turn}`, 'A')
    house.pass(1_000)
    house.finish(`a${turn}`)
  }
  house.arrive('a6', 'A')
  house.arrive('b', 'B')
  house.pass(1_000)
  expect(house.finish('a6')).toEqual([])
  expect(house.phase('A')).toBe('ready')
})

test('nothing running is cut off: a model is stopped when its last request has ended', () => {
  const house = new DrivenScheduler([modelNamed('A', { slots: 2 }), b], { maxWaitMs: 0 }).load('A')
  house.arrive('r1', 'A')
  house.arrive('r2', 'A')
  expect(house.arrive('r3', 'B')).toEqual([])
  expect(house.finish('r1')).toEqual([])
  expect(house.finish('r2')).toEqual(['stop A'])
})

test('memory counts as free when the process has been seen gone, not when it was told to go (N4.8)', () => {
  const house = new DrivenScheduler([a, b]).load('A')
  expect(house.arrive('r1', 'B')).toEqual(['stop A'])
  expect(house.pass(30_000)).toEqual([])
  expect(house.stopped('A')).toEqual(['start B'])
})

test('when the last waiter of a swap leaves before the load, the victim is open again and serves', () => {
  const house = new DrivenScheduler([modelNamed('A', { slots: 1 }), b], { maxWaitMs: 0 }).load('A')
  house.arrive('a1', 'A')
  house.arrive('b1', 'B')
  house.finish('nobody')
  expect(house.phase('A')).toBe('closing')
  house.tell({ type: 'cancel', requestId: 'b1' })
  expect(house.phase('A')).toBe('ready')
  expect(house.arrive('a2', 'A')).toEqual([])
  expect(house.finish('a1')).toEqual(['serve a2'])
})

test('a started load finishes though nobody waits for it any more', () => {
  const house = new DrivenScheduler([a])
  house.arrive('r1', 'A')
  expect(house.tell({ type: 'cancel', requestId: 'r1' })).toEqual([])
  house.loaded('A')
  expect(house.arrive('r2', 'A')).toEqual(['serve r2'])
})

test('a load that nobody waits for gives way to a model that somebody waits for', () => {
  const house = new DrivenScheduler([a, b])
  house.arrive('r1', 'A')
  house.tell({ type: 'cancel', requestId: 'r1' })
  expect(house.arrive('r2', 'B')).toEqual(['stop A'])
  // It became ready while it was being stopped; that does not bring it back.
  expect(house.loaded('A')).toEqual([])
  expect(house.stopped('A')).toEqual(['start B'])
})

test('a load that somebody waits for is nobody’s victim', () => {
  const house = new DrivenScheduler([a, b], { maxWaitMs: 0 })
  house.arrive('r1', 'A')
  expect(house.arrive('r2', 'B')).toEqual([])
  expect(house.loaded('A')).toEqual(['serve r1'])
})

test('after a crash those that wait stay, and a fresh start follows when its time has come', () => {
  const house = new DrivenScheduler([a]).load('A')
  house.arrive('r1', 'A')
  house.arrive('r2', 'A')
  expect(house.tell({ type: 'crashed', model: 'A', retryAtMs: 5_000 })).toEqual([])
  expect(house.pass(4_999)).toEqual([])
  expect(house.pass(1)).toEqual(['start A'])
  expect(house.loaded('A')).toEqual(['serve r2'])
})

test('a load that failed for good refuses everyone who waits, with its cause (N4.10)', () => {
  const house = new DrivenScheduler([a])
  house.arrive('r1', 'A')
  house.arrive('r2', 'A')
  const effects = house.tell({ type: 'loadFailed', model: 'A', cause: 'out of memory', isRetryable: false })
  expect(effects).toEqual(['refuse r1', 'refuse r2'])
  expect(house.refusal('r1')).toMatchObject({ code: 'load_failed', reason: 'load_failed' })
  expect(house.refusal('r1')?.message).toContain('out of memory')
})

test('a load that may succeed another time is tried again while requests wait', () => {
  const house = new DrivenScheduler([a])
  house.arrive('r1', 'A')
  house.tell({ type: 'loadFailed', model: 'A', cause: 'port taken', isRetryable: true, retryAtMs: 1_000 })
  expect(house.standing('A')).toMatchObject({ phase: 'absent', retryInMs: 1_000 })
  expect(house.pass(1_000)).toEqual(['start A'])
})

test('a model that cannot be started for now does not hold up the others', () => {
  const house = new DrivenScheduler([a, b], { maxWaitMs: 0 })
  house.arrive('r1', 'A')
  house.tell({ type: 'loadFailed', model: 'A', cause: 'port taken', isRetryable: true, retryAtMs: 60_000 })
  expect(house.arrive('r2', 'B')).toEqual(['start B'])
})

test('whoever still waits at his deadline is refused with 503 and told when to come back (N4.10)', () => {
  const house = new DrivenScheduler([a])
  house.arrive('r1', 'A', { deadlineMs: 2_000 })
  expect(house.pass(1_999)).toEqual([])
  expect(house.pass(1)).toEqual(['refuse r1'])
  expect(house.refusal('r1')).toMatchObject({ code: 'queue_timeout', reason: 'waited_too_long' })
  expect(house.refusal('r1')?.retryAfterMs).toBeGreaterThan(0)
})

test('a full queue is a bound that can be set, not ten: one more is refused with 429 (N2.9)', () => {
  const house = new DrivenScheduler([a], { queuedPerModelMax: 3 })
  expect(['r1', 'r2', 'r3', 'r4'].flatMap((id) => house.arrive(id, 'A'))).toEqual(['start A', 'refuse r4'])
  expect(house.refusal('r4')).toMatchObject({ code: 'queue_full', reason: 'queue_full' })
  expect(house.refusal('r4')?.retryAfterMs).toBeGreaterThanOrEqual(1_000)
})

test('the bound over all models holds too, but not against who can start at once', () => {
  const house = new DrivenScheduler([a, b, modelNamed('S', { bytes: 2 })], { queuedMax: 2 }).load('S')
  house.arrive('r1', 'A')
  house.arrive('r2', 'B')
  expect(house.arrive('r3', 'B')).toEqual(['refuse r3'])
  expect(house.refusal('r3')).toMatchObject({ code: 'queue_full', reason: 'queues_full' })
  expect(house.arrive('r4', 'S')).toEqual(['serve r4'])
})

test('a model that nobody configured is refused as not found', () => {
  const house = new DrivenScheduler([a])
  expect(house.arrive('r1', 'Z')).toEqual(['refuse r1'])
  expect(house.refusal('r1')).toMatchObject({ code: 'model_not_found', reason: 'model_unknown' })
})

test('a model larger than the memory there is is refused at once', () => {
  const house = new DrivenScheduler([modelNamed('A', { bytes: 25 })])
  expect(house.arrive('r1', 'A')).toEqual(['refuse r1'])
  expect(house.refusal('r1')).toMatchObject({ code: 'does_not_fit', reason: 'does_not_fit' })
})

test('a pinned model is never put out, and who does not fit beside it is told so by name', () => {
  const house = new DrivenScheduler([modelNamed('A', { isPinned: true }), b], { maxWaitMs: 0 }).load('A')
  expect(house.arrive('r1', 'B')).toEqual(['refuse r1'])
  expect(house.refusal('r1')?.message).toContain('A')
})

test('a lease keeps a model until it ends; then who waited comes in', () => {
  const house = new DrivenScheduler([a, b], { maxWaitMs: 0 }).load('A')
  house.tell({ type: 'pin', model: 'A', untilMs: 5_000 })
  expect(house.arrive('r1', 'B')).toEqual([])
  expect(house.pass(4_999)).toEqual([])
  expect(house.pass(1)).toEqual(['stop A'])
})

test('a lease can be given back early', () => {
  const house = new DrivenScheduler([a, b], { maxWaitMs: 0 }).load('A')
  house.tell({ type: 'pin', model: 'A', untilMs: 5_000_000 })
  house.arrive('r1', 'B')
  expect(house.tell({ type: 'unpin', model: 'A' })).toEqual(['stop A'])
})

test('an overdue request that a lease keeps out does not keep memory from others', () => {
  const large = modelNamed('L', { bytes: 20 })
  const [held, small] = [modelNamed('H', { bytes: 8 }), modelNamed('S', { bytes: 16 })]
  const house = new DrivenScheduler([large, held, small], { maxWaitMs: 0 }).load('H')
  house.tell({ type: 'pin', model: 'H', untilMs: 100_000 })
  expect(house.arrive('r1', 'L')).toEqual([])
  house.pass(1_000)
  expect(house.arrive('r2', 'S')).toEqual(['start S'])
})

test('a model unused for its ttl is unloaded, unless it is pinned', () => {
  const models = [
    modelNamed('A', { bytes: 4, ttlMs: 60_000 }),
    modelNamed('P', { bytes: 4, ttlMs: 60_000, isPinned: true }),
  ]
  const house = new DrivenScheduler(models).load('A').load('P')
  house.pass(30_000)
  house.arrive('r1', 'A')
  house.pass(40_000)
  house.finish('r1')
  expect(house.pass(59_999)).toEqual([])
  expect(house.pass(1)).toEqual(['stop A'])
  expect(house.phase('P')).toBe('ready')
})

test('a model may be given another time to idle, until it has gone', () => {
  const house = new DrivenScheduler([modelNamed('A', { ttlMs: 60_000 })]).load('A')
  expect(house.tell({ type: 'idle', model: 'A', forMs: Infinity })).toEqual([])
  expect(house.pass(600_000)).toEqual([])
  expect(house.tell({ type: 'idle', model: 'A', forMs: 0 })).toEqual(['stop A'])
  expect(house.stopped('A')).toEqual([])
  expect(house.tell({ type: 'idle', model: 'A', forMs: 0 })).toEqual([])
  house.load('A')
  expect(house.pass(59_999)).toEqual([])
  expect(house.pass(1)).toEqual(['stop A'])
})

test('a model that is to go when it has nothing to do ends what it has in hand', () => {
  const house = new DrivenScheduler([a]).load('A')
  house.arrive('r1', 'A')
  expect(house.tell({ type: 'idle', model: 'A', forMs: 0 })).toEqual([])
  expect(house.finish('r1')).toEqual(['stop A'])
})

test('a model stays its minimum residency, but an overdue request puts it out', () => {
  const held = modelNamed('A', { minimumResidencyMs: 30_000 })
  const patient = new DrivenScheduler([held, b], { maxWaitMs: 60_000 }).load('A')
  patient.arrive('r1', 'B')
  expect(patient.pass(29_000)).toEqual([])
  expect(patient.pass(2_000)).toEqual(['stop A'])
  const hurried = new DrivenScheduler([held, b], { maxWaitMs: 10_000 }).load('A')
  hurried.arrive('r1', 'B')
  expect(hurried.pass(10_000)).toEqual(['stop A'])
})

test('unloading lets requests at work end, refuses those that wait, and blocks nobody else (N2.9)', () => {
  const house = new DrivenScheduler([modelNamed('A', { slots: 1 }), modelNamed('S', { bytes: 4 })]).load('A').load('S')
  house.arrive('r1', 'A')
  house.arrive('r2', 'A')
  expect(house.tell({ type: 'unload', model: 'A', waiting: 'refuse' })).toEqual(['refuse r2'])
  expect(house.arrive('r3', 'S')).toEqual(['serve r3'])
  expect(house.finish('r1')).toEqual(['stop A'])
})

test('who is kept through an unload brings the model back when it has gone', () => {
  const house = new DrivenScheduler([modelNamed('A', { slots: 1 })]).load('A')
  house.arrive('r1', 'A')
  house.arrive('r2', 'A')
  expect(house.tell({ type: 'unload', waiting: 'keep' })).toEqual([])
  expect(house.finish('r1')).toEqual(['stop A'])
  expect(house.stopped('A')).toEqual(['start A'])
})

test('a request that only wants the model resident ends when it is, and takes no slot', () => {
  const house = new DrivenScheduler([modelNamed('A', { slots: 1 })])
  house.arrive('r1', 'A')
  house.arrive('load', 'A', { isLoadOnly: true })
  expect(house.loaded('A')).toEqual(['serve load', 'serve r1'])
  expect(house.standing('A')?.running).toBe(1)
})

test('models of one class share their limit, the oldest request first', () => {
  const small = { bytes: 4, slots: 4, costClass: 'one-gpu' }
  const house = new DrivenScheduler([modelNamed('A', small), modelNamed('B', small)], { classLimits: { 'one-gpu': 1 } })
  house.load('A').load('B')
  expect(house.arrive('r1', 'A')).toEqual(['serve r1'])
  house.nowMs += 1
  expect(house.arrive('r2', 'B')).toEqual([])
  house.nowMs += 1
  expect(house.arrive('r3', 'A')).toEqual([])
  expect(house.finish('r1')).toEqual(['serve r2'])
  expect(house.arrive('r4', 'B')).toEqual([])
  expect(house.finish('r2')).toEqual(['serve r3'])
  expect(house.finish('r3')).toEqual(['serve r4'])
})

test('a model may be given fewer requests at once than it has slots', () => {
  const house = new DrivenScheduler([modelNamed('A', { slots: 4, concurrencyMax: 2 })]).load('A')
  expect(['r1', 'r2', 'r3'].flatMap((id) => house.arrive(id, 'A'))).toEqual(['serve r1', 'serve r2'])
})

test('a model taken out of the configuration ends its requests first, and is new when it comes back (N2.9)', () => {
  const house = new DrivenScheduler([a, b]).load('A')
  house.arrive('r1', 'A')
  house.arrive('r2', 'A')
  expect(house.configure({ models: [b] })).toEqual(['refuse r2'])
  expect(house.arrive('r3', 'A')).toEqual(['refuse r3'])
  expect(house.finish('r1')).toEqual(['stop A'])
  house.stopped('A')
  expect(house.phase('A')).toBeUndefined()
  house.configure({ models: [a, b] })
  expect(house.arrive('r4', 'A')).toEqual(['start A'])
})

test('unloading a model that is being taken out does not bring it back', () => {
  const house = new DrivenScheduler([a]).load('A')
  house.arrive('r1', 'A')
  house.configure({ models: [] })
  house.tell({ type: 'unload', waiting: 'keep' })
  expect(house.arrive('r2', 'A')).toEqual(['refuse r2'])
})

test('a changed size counts from the next start on, for what runs holds what it was started with', () => {
  const house = new DrivenScheduler([modelNamed('A', { bytes: 20 }), modelNamed('S', { bytes: 8 })]).load('A')
  house.configure({ models: [modelNamed('A', { bytes: 4 }), modelNamed('S', { bytes: 8 })] })
  expect(house.scheduler.snapshot(0).pools).toEqual([{ name: 'gpu', sizeBytes: 24, usedBytes: 20 }])
  house.arrive('r1', 'A')
  expect(house.arrive('r2', 'S')).toEqual([])
})

test('an id that is already here is a mistake of the caller and changes nothing', () => {
  const house = new DrivenScheduler([a])
  house.arrive('r1', 'A')
  expect(() => house.arrive('r1', 'A')).toThrow('r1 has arrived twice')
  expect(house.loaded('A')).toEqual(['serve r1'])
})

test.each([
  [
    'throws',
    () => {
      throw new Error('not today')
    },
  ],
  [
    'chooses a victim that is not there',
    () => ({ kind: 'swap', target: 'A', evict: ['Z'], isForced: false, because: '' }),
  ],
  [
    'chooses a target that nobody waits for',
    () => ({ kind: 'swap', target: 'B', evict: [], isForced: false, because: '' }),
  ],
] satisfies [string, SwapPolicy['nextSwap']][])(
  'a policy that %s is told of, and the default decides',
  (_, nextSwap) => {
    const house = new DrivenScheduler([a, b], { policy: { name: 'own', nextSwap } })
    expect(house.arrive('r1', 'A')).toEqual(['policyFailed', 'start A'])
  },
)

test('events that fit nothing known change nothing', () => {
  const house = new DrivenScheduler([a]).load('A')
  const before = house.scheduler.snapshot(0)
  const words = [
    house.finish('nobody'),
    house.tell({ type: 'cancel', requestId: 'nobody' }),
    house.loaded('Z'),
    house.loaded('A'),
    house.stopped('Z'),
    house.tell({ type: 'crashed', model: 'Z' }),
    house.tell({ type: 'estimated', model: 'Z', loadMs: 1 }),
    house.tell({ type: 'pin', model: 'Z', untilMs: 1_000 }),
    house.tell({ type: 'unload', model: 'Z', waiting: 'refuse' }),
    house.tell({ type: 'tick' }),
  ]
  expect(words.flat()).toEqual([])
  expect(house.scheduler.snapshot(0)).toEqual(before)
})

test('time that goes backwards counts as no time gone by', () => {
  const house = new DrivenScheduler([a])
  house.nowMs = 10_000
  house.arrive('r1', 'A', { deadlineMs: 20_000 })
  house.nowMs = 5_000
  expect(house.tell({ type: 'tick' })).toEqual([])
  expect(house.scheduler.snapshot(5_000).queue[0]?.waitedMs).toBe(0)
})
