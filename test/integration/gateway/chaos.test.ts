import { expect, test } from 'vitest'

import { runChaos } from '../../chaos/run-chaos.ts'

// `node --expose-gc test/chaos/swaps.ts` is the long version.
test('clients that leave and engines that are killed leave no waiter, process, file descriptor or listener behind', async () => {
  const { problems, swaps, counts } = await runChaos({ swaps: 15, seed: 7, clients: 8 })
  expect(problems).toEqual([])
  expect(swaps).toBeGreaterThanOrEqual(15)
  expect(counts['whole']).toBeGreaterThan(0)
})
