import { expect, test } from 'vitest'

import { benchDialects, dialectRequest } from '../../../src/bench/gateway/dialect-requests.ts'

test.for(benchDialects)('a request of %s has the size asked for, and says whether it streams', (dialect) => {
  const request = dialectRequest(dialect, 'bench-burst', 1_000)
  expect(Math.abs(request.length - 1_000)).toBeLessThan(20)
  expect(JSON.parse(request)).toMatchObject({ model: 'bench-burst', stream: true })
  expect(JSON.parse(dialectRequest(dialect, 'bench-json', 1_000))).toMatchObject({ stream: false })
})
