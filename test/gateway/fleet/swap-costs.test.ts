import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { expectMeasuredCosts, keepSwapCosts, readSwapCosts, withCost } from '../../../src/gateway/fleet/swap-costs.ts'
import { plainModel } from '../../../src/scheduling/scheduler-model.ts'
import { residencyOf, simulatedModel } from '../../support/simulated-profile.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const model = { ...plainModel, name: 'm', sizeBytes: {} }
const time = fc.double({ min: 0, max: 1e6, noNaN: true })

test('a load is expected to take as long as one from where its files are, and never less or more than either', () => {
  fc.assert(
    fc.property(time, time, fc.double({ min: 0, max: 1, noNaN: true }), (coldLoadMs, warmLoadMs, share) => {
      const { expected } = withCost(model, { coldLoadMs, warmLoadMs, stopMs: 7 }, share)
      expect(expected.loadMs).toBeGreaterThanOrEqual(Math.min(coldLoadMs, warmLoadMs) - 1e-6)
      expect(expected.loadMs).toBeLessThanOrEqual(Math.max(coldLoadMs, warmLoadMs) + 1e-6)
      expect(expected.stopMs).toBe(7)
    }),
  )
  const cost = { coldLoadMs: 900, warmLoadMs: 100, stopMs: 7 }
  expect(withCost(model, cost, 1).expected.loadMs).toBe(100)
  expect(withCost(model, cost).expected.loadMs).toBe(900)
})

test('what was measured one way alone is expected whatever is cached', () => {
  expect(withCost(model, { warmLoadMs: 100, stopMs: 7 }, 0).expected.loadMs).toBe(100)
  expect(withCost(model, { coldLoadMs: 900, stopMs: 7 }, 1).expected.loadMs).toBe(900)
})

test('the scheduler starts with the times a bench has measured, and keeps its guesses for other models', async () => {
  const dataDirectory = temporaryFolder()
  const [a, b] = [simulatedModel('a'), simulatedModel('b')]
  await keepSwapCosts(dataDirectory, [{ launch: a.launch, coldLoadMs: 4000, stopMs: 77 }])
  const plan = residencyOf([a, b], 1)
  const { scheduler } = await expectMeasuredCosts(plan, dataDirectory)
  expect(scheduler.models[0]?.expected).toMatchObject({ loadMs: 4000, stopMs: 77 })
  expect(scheduler.models[1]?.expected).toEqual(plan.scheduler.models[1]?.expected)
})

test('costs belong to a launch command: another one is not expected to cost the same', async () => {
  const dataDirectory = temporaryFolder()
  const launch = { ...simulatedModel('a').launch }
  await keepSwapCosts(dataDirectory, [{ launch, coldLoadMs: 4000, stopMs: 77 }])
  const plan = residencyOf([simulatedModel('a', { slots: 8 })], 1)
  expect(await expectMeasuredCosts(plan, dataDirectory)).toEqual(plan)
})

test('a new measurement replaces the old one and leaves the others', async () => {
  const dataDirectory = temporaryFolder()
  const [one, two] = [simulatedModel('a').launch, simulatedModel('b').launch]
  await keepSwapCosts(dataDirectory, [
    { launch: one, coldLoadMs: 1, stopMs: 1 },
    { launch: two, coldLoadMs: 2, stopMs: 2 },
  ])
  await keepSwapCosts(dataDirectory, [{ launch: one, warmLoadMs: 3, stopMs: 3 }])
  const costs = [...(await readSwapCosts(dataDirectory)).values()]
  expect(costs).toEqual([
    { coldLoadMs: 2, stopMs: 2 },
    { warmLoadMs: 3, stopMs: 3 },
  ])
})

test('a file that cannot be understood is as good as none, and is replaced by the next measurement', async () => {
  const dataDirectory = temporaryFolder()
  const file = join(dataDirectory, 'swap-costs.json')
  for (const text of ['{', '[]', '{"version":2,"costs":[{"launch":"x","stop_ms":1}]}', '{"version":1,"costs":[{}]}']) {
    writeFileSync(file, text)
    expect((await readSwapCosts(dataDirectory)).size).toBe(0)
  }
  await keepSwapCosts(dataDirectory, [{ launch: simulatedModel('a').launch, stopMs: 1 }])
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ version: 1, costs: [{ stop_ms: 1 }] })
  expect(statSync(file).mode & 0o077).toBe(0)
})
