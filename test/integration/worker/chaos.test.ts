import { describe, expect, test } from 'vitest'

import { runEventsChaos } from '../../chaos/events/run-events-chaos.ts'
import { keptService } from '../../services/kept-service.ts'

/** Why it cannot be played here; with `LLMR_TEST_REQUIRE=all` a reason is not good enough. */
async function reasonToSkip(): Promise<string | undefined> {
  try {
    await Promise.all([keptService('nats.sh'), keptService('postgres.sh')])
    return undefined
  } catch (error) {
    if (process.env['LLMR_TEST_REQUIRE'] === 'all') throw error
    return String(error)
  }
}

const skip = await reasonToSkip()

describe.skipIf(skip !== undefined)('gateway, workers, NATS and PostgreSQL', () => {
  // `npm run test:chaos` is the long version.
  test('are killed under load, and of what clients have seen to its end nothing is lost or doubled (N3.4)', async () => {
    const { problems } = await runEventsChaos({
      turns: 1_500,
      seed: 2,
      clients: 8,
      killsEach: 1,
      outageMs: 2_000,
      poison: 6,
      note: () => undefined,
    })
    expect(problems).toEqual([])
  }, 240_000)
})
