import { expect, test } from 'vitest'

import { silentLogger } from '../../src/core/logger.ts'
import type { Logger } from '../../src/core/logger.ts'
import { StoreAccess } from '../../src/store/store-access.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { fakeStore } from './fake-store.ts'

const owner = { tenant: 'default' }

/** Never answers, and ends only when it is given up. */
const hang = (_: unknown, signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

/** Not even then. */
const hangForEver = () => new Promise<never>(() => undefined)

function access(open: () => Promise<ReturnType<typeof fakeStore>>) {
  const clock = { nowMs: 0 }
  const lines: string[] = []
  const note: Logger['info'] = (_fields, message) => void lines.push(message)
  const store = new StoreAccess({
    open,
    clock: { now: () => 0, monotonic: () => clock.nowMs },
    logger: { ...silentLogger, info: note, warn: note },
  })
  return { store, clock, lines }
}

test('the store is opened by the first who needs it, once, and by nobody before', async () => {
  let opened = 0
  const { store } = access(() => {
    opened += 1
    return Promise.resolve(fakeStore())
  })
  expect(opened).toBe(0)
  const calls = [1, 2, 3].map((value) => store.budget(owner).spend(() => Promise.resolve(value)))
  expect(await Promise.all(calls)).toEqual([1, 2, 3].map((value) => ({ type: 'done', value })))
  expect(opened).toBe(1)
})

test('a call that takes longer than the budget is given up, and told so', async () => {
  const { store } = access(() => Promise.resolve(fakeStore()))
  let signal: AbortSignal | undefined
  const outcome = await store.budget(owner, 5).spend((_, given) => {
    signal = given
    return hangForEver()
  })
  expect(outcome).toEqual({ type: 'unavailable', reason: 'slow' })
  expect(signal?.aborted).toBe(true)
})

test('calls of one request share its budget, and one that finds it used up is not begun', async () => {
  const { store, clock } = access(() => Promise.resolve(fakeStore()))
  const budget = store.budget(owner, 50)
  const take = (ms: number) => async () => {
    clock.nowMs += ms
    return 'stored'
  }
  expect(await budget.spend(take(20))).toEqual({ type: 'done', value: 'stored' })
  expect(await budget.spend(take(30))).toEqual({ type: 'done', value: 'stored' })
  expect(await budget.spend(take(0))).toEqual({ type: 'unavailable', reason: 'slow' })
  expect(await store.budget(owner, 50).spend(take(0))).toEqual({ type: 'done', value: 'stored' })
})

test('a store that is not open in time is unavailable, goes on opening, and serves the next', async () => {
  const opening = Promise.withResolvers<ReturnType<typeof fakeStore>>()
  const { store } = access(() => opening.promise)
  let isCalled = false
  const call = async () => {
    isCalled = true
  }
  expect(await store.budget(owner, 5).spend(call)).toEqual({ type: 'unavailable', reason: 'opening' })
  opening.resolve(fakeStore())
  await store.opened()
  expect(isCalled).toBe(false)
  expect(await store.budget(owner).spend(call)).toEqual({ type: 'done', value: undefined })
})

test('an error of the database is an outcome, never thrown', async () => {
  const { store } = access(() => Promise.resolve(fakeStore()))
  const cause = new Error('the table is on fire')
  expect(await store.budget(owner).spend(() => Promise.reject(cause))).toEqual({
    type: 'unavailable',
    reason: 'failed',
    cause,
  })
  expect(
    await store.budget(owner).spend(() => {
      throw cause
    }),
  ).toEqual({ type: 'unavailable', reason: 'failed', cause })
})

test('calls that hang for ever are a bounded number; beyond it nobody is held up at all', async () => {
  const { store } = access(() => Promise.resolve(fakeStore()))
  const reasons: string[] = []
  for (let n = 0; n < 70; n += 1) {
    const outcome = await store.budget(owner, 1).spend(hangForEver)
    reasons.push(outcome.type === 'done' ? 'done' : outcome.reason)
  }
  expect(reasons).toEqual([...Array<string>(64).fill('slow'), ...Array<string>(6).fill('busy')])
})

test('calls that end when they are given up leave their place to others', async () => {
  const { store } = access(() => Promise.resolve(fakeStore()))
  for (let n = 0; n < 70; n += 1) {
    expect(await store.budget(owner, 1).spend(hang)).toEqual({ type: 'unavailable', reason: 'slow' })
  }
})

test('a store that does not open is not tried again at once, but after 1 s, then 2 s, then 4 s', async () => {
  let attempts = 0
  const { store, clock } = access(() => {
    attempts += 1
    return Promise.reject(new StoreError('database_unreachable', 'nobody there'))
  })
  const attemptsAt: number[] = []
  for (; clock.nowMs < 8_000; clock.nowMs += 100) {
    const before = attempts
    expect(await store.budget(owner).spend(hang)).toMatchObject({ type: 'unavailable', reason: 'failed' })
    if (attempts > before) attemptsAt.push(clock.nowMs)
  }
  expect(attemptsAt).toEqual([0, 1_000, 3_000, 7_000])
})

test('a store whose thread has died is opened again', async () => {
  const stores = [fakeStore(), fakeStore()]
  let opened = 0
  const { store } = access(() => Promise.resolve(stores[opened++]!))
  expect(await store.opened()).toBe(stores[0])
  stores[0]!.state = 'closed'
  expect(await store.opened()).toBe(stores[1])
})

test('the log says once that the store is gone and once that it is back, even of one that answers now and then', async () => {
  const { store, clock, lines } = access(() => Promise.resolve(fakeStore()))
  const works = () => Promise.resolve()
  const fails = () => Promise.reject(new Error('down'))
  for (const call of [works, fails, works, fails, works, fails, works]) await store.budget(owner).spend(call)
  clock.nowMs = 5_000
  for (const call of [works, works]) await store.budget(owner).spend(call)
  expect(lines).toEqual(['the store does not answer; requests go on without it', 'the store answers again'])
})

test('close waits for an opening in hand, closes what came of it, may be called twice, and nothing opens afterwards', async () => {
  const opening = Promise.withResolvers<ReturnType<typeof fakeStore>>()
  const { store } = access(() => opening.promise)
  store.warm()
  const closed = Promise.all([store.close(), store.close()])
  const one = fakeStore()
  opening.resolve(one)
  await closed
  expect(one.state).toBe('closed')
  await expect(Promise.resolve(store.opened())).rejects.toMatchObject({ code: 'store_closed' })
})

test('closing one that nobody ever needed opens nothing', async () => {
  let isOpened = false
  const { store } = access(() => {
    isOpened = true
    return Promise.resolve(fakeStore())
  })
  await store.close()
  expect(isOpened).toBe(false)
})
