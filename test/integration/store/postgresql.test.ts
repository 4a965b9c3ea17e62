import { setImmediate } from 'node:timers/promises'

import { expect, onTestFinished, test } from 'vitest'

import { systemClock } from '../../../src/core/clock.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import type { StoreLocation } from '../../../src/store/open-database.ts'
import { openStore } from '../../../src/store/open-store.ts'
import { StoreAccess } from '../../../src/store/store-access.ts'
import type { StoreOutcome } from '../../../src/store/store-budget.ts'
import type { StoredResponse } from '../../../src/store/stored-response.ts'
import { stallingProxy } from '../../support/stalling-proxy.ts'
import type { StallingProxy } from '../../support/stalling-proxy.ts'
import { engines, openTestStore, postgresqlAt } from './engines.ts'

const { skip, emptyPlace } = engines.find(({ name }) => name === 'postgresql')!

async function behindProxy(): Promise<{ proxy: StallingProxy; access: StoreAccess }> {
  const place = await emptyPlace()
  const url = new URL(place.engine === 'postgresql' ? place.databaseUrl : '')
  const proxy = await stallingProxy({ host: url.hostname, port: Number(url.port) })
  onTestFinished(() => proxy.close())
  url.host = `127.0.0.1:${proxy.port}`
  const location: StoreLocation = { ...postgresqlAt(url.href), connectionsMax: 2, statementTimeoutMs: 100 }
  const access = new StoreAccess({
    open: () => openStore({ location, migrates: true, llmrVersion: '0', clock: systemClock, logger: silentLogger }),
    clock: systemClock,
    logger: silentLogger,
  })
  onTestFinished(() => access.close())
  await access.opened()
  return { proxy, access }
}

const response: StoredResponse = {
  id: 'resp_1',
  tenant: 'default',
  principal: 'alice',
  model: 'tiny',
  status: 'completed',
  createdMs: Date.now(),
  expiresMs: Date.now() + 86_400_000,
  inputItems: [],
  outputItems: [],
  metadata: {},
  fields: {},
}

const put = (access: StoreAccess): Promise<StoreOutcome<void>> =>
  access.budget({ tenant: 'default' }, 50).spend(({ responses }, signal) => responses.put(response, { signal }))

const get = (access: StoreAccess): Promise<StoreOutcome<StoredResponse | undefined>> =>
  access.budget({ tenant: 'default' }, 2_000).spend(({ responses }, signal) => responses.get(response, { signal }))

/**
 * Ends by the test's own bound when it never works again. What is refused is refused at once: without a turn of the event loop
 * in between, nothing could ever answer, and no bound end it.
 */
async function untilDone<Value>(call: () => Promise<StoreOutcome<Value>>): Promise<Value> {
  for (;;) {
    const outcome = await call()
    if (outcome.type === 'done') return outcome.value
    await setImmediate()
  }
}

test.skipIf(skip)(
  'a database that hangs costs each request its budget, and works again as soon as it answers',
  async () => {
    const { proxy, access } = await behindProxy()
    expect(await put(access)).toEqual({ type: 'done', value: undefined })
    proxy.stall()
    const outcomes = [await put(access), ...(await Promise.all(Array.from({ length: 100 }, () => put(access))))]
    expect(new Set(outcomes.map((outcome) => (outcome.type === 'done' ? 'done' : outcome.reason)))).toEqual(
      new Set(['slow', 'busy']),
    )
    proxy.resume()
    expect(await untilDone(() => get(access))).toEqual(response)
  },
)

test.skipIf(skip)('connections that hung are replaced, even when they never answer again', async () => {
  const { proxy, access } = await behindProxy()
  await Promise.all([untilDone(() => put(access)), untilDone(() => put(access))])
  proxy.stall()
  // Both connections get a question that is answered by nobody; llmr stops waiting for it after the statement timeout.
  const lost = [0, 1].map(() =>
    access.budget({ tenant: 'default' }, 10_000).spend(({ responses }) => responses.get(response)),
  )
  expect(await Promise.all(lost)).toEqual(
    lost.map(() => ({
      type: 'unavailable',
      reason: 'failed',
      cause: expect.objectContaining({ message: expect.stringMatching(/timeout/) }),
    })),
  )
  proxy.cut()
  proxy.resume()
  expect(await untilDone(() => get(access))).toEqual(response)
})

test.skipIf(skip)('a database that goes away and comes back fails calls in between, and no process', async () => {
  const { proxy, access } = await behindProxy()
  await untilDone(() => put(access))
  proxy.cut()
  expect(await untilDone(() => get(access))).toEqual(response)
})

test('a database that is not there is said by its address, without the password', async () => {
  const failure = openTestStore(postgresqlAt('postgresql://llmr:hunter2@127.0.0.1:1/llmr'))
  await expect(failure).rejects.toMatchObject({
    code: 'database_unreachable',
    message: expect.stringMatching(/^The database 127\.0\.0\.1:1\/llmr does not answer as expected: (?!.*hunter2)/),
  })
})

test.skipIf(skip)('a wrong password is said to be one', async () => {
  const place = await emptyPlace()
  const url = new URL(place.engine === 'postgresql' ? place.databaseUrl : '')
  url.password = 'wrong'
  await expect(openTestStore(postgresqlAt(url.href))).rejects.toMatchObject({
    code: 'database_unreachable',
    message: expect.stringContaining('password authentication failed'),
  })
})
