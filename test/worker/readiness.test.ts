import { expect, test } from 'vitest'

import { readinessOf, type ReadinessOptions } from '../../src/worker/readiness.ts'

const well: ReadinessOptions = {
  isDraining: () => false,
  isWell: () => true,
  store: () => Promise.resolve(),
  bus: () => Promise.resolve(),
  timeoutMs: 5,
}
const away = () => Promise.reject(new Error('connection refused'))

test('whoever has all that it needs is ready', async () => {
  expect(await readinessOf(well)()).toEqual({ isReady: true, reasons: [] })
})

test.each<[Partial<ReadinessOptions>, string]>([
  [{ store: away }, 'the database does not answer'],
  [{ store: () => new Promise(() => undefined) }, 'the database does not answer'],
  [{ bus: away }, 'the bus does not answer'],
  [{ isWell: () => false }, 'it cannot go on and holds its events; the log says why'],
  [{ isDraining: () => true, store: away }, 'it was told to end, and finishes what is in hand'],
])('without one of them it is not, and says which', async (lacking, reason) => {
  expect(await readinessOf({ ...well, ...lacking })()).toEqual({ isReady: false, reasons: [reason] })
})

test('a database that hangs is asked once, however many look, and again when it has answered', async () => {
  const answers = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let asked = 0
  const ready = readinessOf({ ...well, store: () => answers[asked++]?.promise ?? Promise.resolve() })
  await Promise.all([ready(), ready(), ready()])
  await ready()
  expect(asked).toBe(1)
  answers[0]?.resolve()
  answers[1]?.resolve()
  await expect.poll(async () => (await ready()).isReady).toBe(true)
  expect(asked).toBe(2)
})
