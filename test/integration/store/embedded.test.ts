import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { silentLogger } from '../../../src/core/logger.ts'
import type { Database } from '../../../src/store/database.ts'
import { openPglite } from '../../../src/store/pglite/open-pglite.ts'
import { openStore } from '../../../src/store/open-store.ts'
import { StoreAccess } from '../../../src/store/store-access.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { engines, openTestStore, pgliteAt } from './engines.ts'

const [pglite] = engines
const emptyPlace = async (): Promise<string> => {
  const place = await pglite!.emptyPlace()
  return place.engine === 'pglite' ? place.dataDirectory : ''
}

/** Opens the store in a process of its own and puts responses into it until it is killed. */
function writer(dataDirectory: string): { readonly child: ChildProcess; readonly confirmed: AsyncIterable<string> } {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'writer.ts'), dataDirectory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, confirmed: createInterface(child.stdout) }
}

test('a second process is refused by name; when the first is killed, what it had confirmed is there and the folder free', async () => {
  const dataDirectory = await emptyPlace()
  const { child, confirmed } = writer(dataDirectory)
  const ids: string[] = []
  for await (const id of confirmed) {
    ids.push(id)
    if (ids.length === 5) {
      await expect(openTestStore(pgliteAt(dataDirectory))).rejects.toMatchObject({
        code: 'store_locked',
        message: expect.stringMatching(new RegExp(`in use by process ${child.pid} since \\d{4}-.*PostgreSQL`)),
      })
      child.kill('SIGKILL')
    }
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  const store = await openTestStore(pgliteAt(dataDirectory))
  onTestFinished(() => store.close())
  const found = await Promise.all(ids.map((id) => store.responses.get({ tenant: 'default', principal: 'writer', id })))
  expect(found.map((one) => one?.id)).toEqual(ids)
})

test('a second opening in the same process is refused too, and a closed folder can be opened again', async () => {
  const folder = await emptyPlace()
  const first = await openTestStore(pgliteAt(folder))
  await expect(openTestStore(pgliteAt(folder))).rejects.toMatchObject({ code: 'store_locked' })
  await first.close()
  await first.close()
  const second = await openTestStore(pgliteAt(folder))
  await second.close()
})

test('a new store is whole or not there: what a broken-off start left behind is made anew, for the owner alone', async () => {
  const folder = join(temporaryFolder(), 'store')
  mkdirSync(join(folder, 'pgdata.new'), { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, 'pgdata.new', 'PG_VERSION'), '18')
  const database = await openPglite(folder)
  expect((await sql`select 1 as one`.execute(database.query)).rows).toEqual([{ one: 1 }])
  await database.close()
  expect(existsSync(join(folder, 'pgdata.new'))).toBe(false)
  expect(statSync(folder).mode & 0o077).toBe(0)
})

test('a folder of another major version is left alone and said to be one', async () => {
  const dataDirectory = await emptyPlace()
  writeFileSync(join(dataDirectory, 'store/pgdata/PG_VERSION'), '17\n')
  await expect(openTestStore(pgliteAt(dataDirectory))).rejects.toMatchObject({
    code: 'store_folder_unusable',
    message: expect.stringMatching(/version 17, expected version 18.*llmr store backup/),
  })
})

test('a folder that cannot be made is said by its path', async () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  await expect(openTestStore(pgliteAt(file))).rejects.toMatchObject({
    code: 'store_folder_unusable',
    message: expect.stringContaining(`${file}/store cannot be made`),
  })
})

describe('its thread', () => {
  let database: Database
  beforeAll(async () => {
    database = await openPglite(join(await emptyPlace(), 'store'))
  })
  afterAll(() => database.close())

  test("a query that takes long leaves the gateway's own thread free", async () => {
    const query = sql<{ count: string }>`select count(*) from generate_series(1, 1000000)`.execute(database.query)
    const turn = (): Promise<'turn'> => new Promise((resolve) => setImmediate(resolve, 'turn'))
    let turns = 0
    while ((await Promise.race([query, turn()])) === 'turn') turns += 1
    expect((await query).rows).toEqual([{ count: '1000000' }])
    expect(turns).toBeGreaterThan(10)
  })

  test('transactions do not mix with what others ask meanwhile', async () => {
    await sql`create table counter (value integer); insert into counter values (0)`.execute(database.query)
    const begun = Promise.withResolvers<void>()
    const transaction = database.query.transaction().execute(async (inside) => {
      await sql`update counter set value = 1`.execute(inside)
      begun.resolve()
      await sql`select 1`.execute(inside)
      throw new Error('rolled back')
    })
    await begun.promise
    const outside = sql`update counter set value = value + 10`.execute(database.query)
    await expect(transaction).rejects.toThrow('rolled back')
    await outside
    expect((await sql`select value from counter`.execute(database.query)).rows).toEqual([{ value: 10 }])
  })
})

test('a query that never ends does not keep the store from closing, nor its folder from being opened again', async () => {
  const folder = join(await emptyPlace(), 'store')
  const hung = await openPglite(folder, 100)
  const query = sql`select count(*) from generate_series(1, 1000000000000)`.execute(hung.query)
  const ended = query.catch((error: unknown) => error)
  await new Promise(setImmediate) // by now it has the session
  await Promise.all([hung.close(), hung.close()])
  expect(await ended).toMatchObject({ code: 'store_closed' })
  const again = await openPglite(folder)
  expect((await sql`select 1 as one`.execute(again.query)).rows).toEqual([{ one: 1 }])
  await again.close()
})

test('a busy embedded database costs a request its budget and no more, and serves again when it is done', async () => {
  const location = pgliteAt(await emptyPlace())
  const access = new StoreAccess({
    open: () => openStore({ location, migrates: true, llmrVersion: '0', clock: systemClock, logger: silentLogger }),
    clock: systemClock,
    logger: silentLogger,
  })
  onTestFinished(() => access.close())
  const store = await access.opened()
  const busy = Array.from({ length: 20 }, () => store.responses.removeExpired(1_000_000))
  const key = { tenant: 'default', principal: 'alice', id: 'resp_1' }
  const outcome = await access
    .budget({ tenant: 'default' }, 1)
    .spend(({ responses }, signal) => responses.get(key, { signal }))
  expect(outcome).toEqual({ type: 'unavailable', reason: 'slow' })
  await Promise.all(busy)
  expect(await access.budget({ tenant: 'default' }, 10_000).spend(({ responses }) => responses.get(key))).toEqual({
    type: 'done',
    value: undefined,
  })
})
