import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Store } from '../../../src/store/open-store.ts'
import { playHostileClients } from '../../support/memory/hostile-clients.ts'
import { scoreOf, verdictTable } from '../../support/memory/verdict-table.ts'
import { engines, openTestStore } from '../store/engines.ts'

describe.for(engines)(
  'clients that edit, cut, sum up, repeat and all say the same, on $name',
  ({ skip, emptyPlace }) => {
    let store: Store

    beforeAll(async () => {
      if (skip === undefined) store = await openTestStore(await emptyPlace())
    })
    afterAll(() => store?.close())

    test.skipIf(skip)('go on where they were, and are never told what was said elsewhere', async () => {
      const seed = Number(process.env['LLMR_TEST_SEED'] ?? Math.floor(Math.random() * 1e6))
      const verdicts = await playHostileClients({
        store: store.conversations,
        seed,
        chats: 99,
        turnsMax: 5,
        atOnce: 16,
      })
      const score = scoreOf(verdicts)
      console.log(`seed ${seed}\n${verdictTable(verdicts)}`)
      expect(score, `seed ${seed}`).toMatchObject({ foreign: 0, otherScope: 0, wrong: 0 })
      expect(score.requests).toBeGreaterThan(200)
      expect(score.right / score.requests, `seed ${seed}`).toBeGreaterThanOrEqual(0.985)
    })
  },
)
