import { afterAll, describe, expect, test } from 'vitest'

import type { BusEvent } from '../../../src/core/bus.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import type { Store } from '../../../src/store/open-store.ts'
import { startWorker } from '../../../src/worker-runner.ts'
import { persistWorker } from '../../../workers/persist.ts'
import { turnEvent } from '../../support/turn-events.ts'
import { engines, openTestStore } from '../store/engines.ts'

for (const { name, skip, emptyPlace } of engines) {
  describe.skipIf(skip !== undefined)(`what persist asks for next, on ${name}`, () => {
    let opening: Promise<Store> | undefined
    const opened = (): Promise<Store> => (opening ??= emptyPlace().then((place) => openTestStore(place)))

    afterAll(async () => {
      await (await opening)?.close()
    })

    async function persist(publish: (events: readonly BusEvent[]) => Promise<void>) {
      const store = await opened()
      return startWorker({
        definition: persistWorker({
          store: opened,
          turnsKeepMs: 86_400_000,
          lineageKeepMs: 86_400_000,
          next: { tasks: ['embedding', 'summarise'], bus: () => Promise.resolve({ publish }) },
        }),
        bus: () => store.bus,
        batch: 50,
        concurrency: 1,
        once: true,
        logger: silentLogger,
      })
    }

    test('a round is told of once it is kept, a step of an agent is not, and a repeat tells the same', async () => {
      const { bus } = await opened()
      const round = turnEvent('round', { toolCalls: [] })
      await bus.publish([round, turnEvent('step'), { ...round, id: 'round/again' }])
      const told: BusEvent[] = []
      const worker = await persist((events) => {
        told.push(...events)
        return Promise.resolve()
      })
      await worker.ended
      expect(new Set(told.map(({ id }) => id))).toEqual(new Set(['round/embedding', 'round/summarise']))
      expect(JSON.stringify(told)).not.toContain('Hello.')
    })

    test('while the bus does not take it the turn is not done with, and nothing is put aside', async () => {
      const { bus, turns } = await opened()
      await bus.publish([turnEvent('refused', { toolCalls: [] })])
      const told: string[] = []
      let left = 2
      const worker = await persist((events) => {
        left -= 1
        if (left > 0) return Promise.reject(new Error('no bus'))
        told.push(...events.map(({ id }) => id))
        return Promise.resolve()
      })
      await worker.ended
      expect(worker.standing()).toMatchObject({ done: 1, buried: 0, held: 1 })
      expect(told).toEqual(['refused/embedding', 'refused/summarise'])
      expect((await turns.known(['refused'])).size).toBe(1)
    })
  })
}
