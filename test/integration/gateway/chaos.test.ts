import { expect, test } from 'vitest'

import { runChaos } from '../../chaos/run-chaos.ts'

// `node --expose-gc test/chaos/swaps.ts` is the long version.
test('clients that leave and engines that are killed leave no waiter, process, file descriptor or listener behind', async () => {
  const { problems, swaps, counts } = await runChaos({ swaps: 12, seed: 7, clients: 8 })
  expect(problems).toEqual([])
  expect(swaps).toBeGreaterThanOrEqual(12)
  expect(counts['whole']).toBeGreaterThan(0)
})

test('a gateway that is closed in the middle of it all answers whoever waits and ends every engine', async () => {
  const { problems } = await runChaos({ swaps: 4, seed: 3, clients: 8, isClosedAmidst: true })
  expect(problems).toEqual([])
})
