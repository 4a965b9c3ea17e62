import { expect, onTestFinished, test } from 'vitest'

import type { SupervisorEvent } from '../../../src/lifecycle/supervisor/supervisor-event.ts'
import type { ModelLaunch } from '../../../src/lifecycle/launch-plan.ts'
import { ripe } from '../../../src/scheduling/policies/ripe.ts'
import { plainModel } from '../../../src/scheduling/scheduler-model.ts'
import { schedulerDefaults } from '../../../src/scheduling/scheduler-settings.ts'
import type { SchedulerEffect } from '../../../src/scheduling/scheduler-effect.ts'
import type { SchedulerEvent } from '../../../src/scheduling/scheduler-event.ts'
import { createScheduler } from '../../../src/scheduling/scheduler.ts'
import { engine, isRunning, quickEngine, supervise } from './engines.ts'

type Untimed = SchedulerEvent extends infer Event ? (Event extends unknown ? Omit<Event, 'nowMs'> : never) : never

/** About what the tiny programs take, so that a swap is soon worth its while. */
const expected = { loadMs: 20, stopMs: 10, serviceMs: 1 }

/** The scheduler and the owner of processes, joined as a gateway joins them; memory for one model at a time. */
async function join(launches: readonly ModelLaunch[]) {
  const scheduler = createScheduler({
    ...schedulerDefaults,
    models: launches.map(({ name }) => ({ ...plainModel, name, sizeBytes: { gpu: 1 }, expected })),
    pools: { gpu: 1 },
    policy: ripe,
  })
  const outcomes = new Map<string, PromiseWithResolvers<string>>()
  const served: string[] = []
  let timer: NodeJS.Timeout | undefined
  let serve = (_model: string): Promise<void> => Promise.resolve()

  const tell = (event: Untimed): void => {
    for (const effect of scheduler.handle({ ...event, nowMs: performance.now() })) carryOut(effect)
  }
  const supervisor = await supervise(launches, {
    report: (event: SupervisorEvent) => {
      if (event.type !== 'prefetched') tell(event)
    },
  })
  const tick = (): void => tell({ type: 'tick' })
  const carryOut = (effect: SchedulerEffect): void => {
    switch (effect.type) {
      case 'serve':
        void answer(effect)
        return
      case 'refuse':
        outcomes.get(effect.requestId)?.resolve(effect.reason)
        return
      case 'start':
      case 'stop':
      case 'prefetch':
        return supervisor.carryOut(effect)
      case 'policyFailed':
        throw new Error('the policy failed')
      case 'wakeAt':
        clearTimeout(timer)
        // Timers may fire a fraction early, and an early tick is passed over.
        if (effect.atMs < Infinity) timer = setTimeout(tick, Math.ceil(effect.atMs - performance.now()) + 1)
    }
  }
  const answer = async ({
    requestId,
    model,
  }: {
    readonly requestId: string
    readonly model: string
  }): Promise<void> => {
    served.push(model)
    try {
      await serve(model)
      outcomes.get(requestId)?.resolve('served')
    } catch (error) {
      await supervisor.hasDied(model)
      outcomes.get(requestId)?.resolve(String(error))
    }
    tell({ type: 'finished', requestId })
  }
  onTestFinished(() => clearTimeout(timer))
  const ask = (model: string): Promise<string> => {
    const requestId = `${model}-${outcomes.size}`
    const outcome = Promise.withResolvers<string>()
    outcomes.set(requestId, outcome)
    tell({
      type: 'arrive',
      requestId,
      model,
      lane: 'interactive',
      principal: 'somebody',
      weight: 1,
      deadlineMs: performance.now() + 20_000,
    })
    return outcome.promise
  }
  return { supervisor, ask, served, onServe: (handler: typeof serve) => void (serve = handler) }
}

test('ABCABC is served model after model, and never two have their process at the same time', async () => {
  const names = ['a', 'b', 'c']
  const { supervisor, ask, served, onServe } = await join(names.map((name) => quickEngine({ name })))
  const pids = new Set<number>()
  onServe(async (model) => {
    const { pid } = await supervisor.ensureReady(model)
    pids.add(pid)
    expect([...pids].filter(isRunning)).toEqual([pid])
  })
  expect(await Promise.all([...names, ...names].map(ask))).toEqual(Array(6).fill('served'))
  expect(served).toEqual(['a', 'a', 'b', 'b', 'c', 'c'])
  expect(pids.size).toBe(3)
})

test('who waits for an engine that crashes is served by a fresh one', async () => {
  const { supervisor, ask, onServe } = await join([engine('ready.mjs', { name: 'a' })])
  let isFirst = true
  onServe(async (model) => {
    const url = supervisor.ready(model)?.url ?? ''
    const path = isFirst ? '/crash' : '/'
    isFirst = false
    await fetch(url + path)
  })
  expect(await Promise.all([ask('a'), ask('a')])).toEqual(['TypeError: fetch failed', 'served'])
  expect(supervisor.events.map(({ type }) => type)).toEqual(['loaded', 'crashed', 'loaded'])
})

test('a model that can never load refuses whoever waits, at once (N4.10)', async () => {
  const { ask, supervisor } = await join([quickEngine({ name: 'a', argv: ['/nonexistent'] })])
  expect(await Promise.all([ask('a'), ask('a')])).toEqual(['load_failed', 'load_failed'])
  expect(supervisor.events).toHaveLength(1)
})
