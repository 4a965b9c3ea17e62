import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { silentLogger } from '../../../src/core/logger.ts'
import type { Database } from '../../../src/store/database.ts'
import { ensureSchema } from '../../../src/store/migrations/ensure-schema.ts'
import { appliedMigrations, migrate } from '../../../src/store/migrations/migrate.ts'
import { readMigrations } from '../../../src/store/migrations/migration-files.ts'
import type { Migration } from '../../../src/store/migrations/migration-files.ts'
import { openDatabase } from '../../../src/store/open-database.ts'
import type { StoreLocation } from '../../../src/store/open-database.ts'
import { engines, openTestStore } from './engines.ts'

const shipped = await readMigrations()
const names = shipped.map(({ name }) => name)

/** One that a later llmr could bring. */
function later(text: string): readonly Migration[] {
  const number = shipped.length + 1
  return [...shipped, { number, name: `000${number}-later`, text, sha256: text }]
}

describe.for(engines)('migrations on $name', ({ name, skip, emptyPlace }) => {
  let location: StoreLocation
  let database: Database

  beforeAll(async () => {
    if (skip !== undefined) return
    location = await emptyPlace()
    database = await openDatabase(location, silentLogger)
  })
  afterAll(() => database?.close())
  beforeEach(async () => {
    if (skip === undefined) await sql`drop schema if exists llmr cascade`.execute(database.query)
  })

  const ensure = ({ migrates = true } = {}): Promise<void> =>
    ensureSchema(database, { location, migrates, llmrVersion: '1', logger: silentLogger })

  test.skipIf(skip)('all or nothing: one that fails leaves the database as it was', async () => {
    const broken = later('create table llmr.half_done (id integer); select 1 / 0')
    await expect(migrate(database, { known: broken, llmrVersion: '1' })).rejects.toMatchObject({
      code: 'migration_failed',
      message: expect.stringMatching(/-later failed and nothing was changed: division by zero/),
    })
    expect(await appliedMigrations(database)).toEqual([])
    const { rows } = await sql`select 1 from pg_namespace where nspname = 'llmr'`.execute(database.query)
    expect(rows).toEqual([])
  })

  test.skipIf(skip)('each is applied once, and noted with the version that did', async () => {
    expect((await migrate(database, { known: shipped, llmrVersion: '1' })).map((one) => one.name)).toEqual(names)
    expect(await migrate(database, { known: shipped, llmrVersion: '2' })).toEqual([])
    expect((await appliedMigrations(database)).map((one) => one.appliedBy)).toEqual(names.map(() => '1'))
  })

  test.skipIf(skip)('a schema newer than this llmr is refused', async () => {
    await migrate(database, { known: later('select 1'), llmrVersion: '9.9.9' })
    await expect(ensure()).rejects.toMatchObject({
      code: 'schema_too_new',
      message: expect.stringContaining('applied by llmr 9.9.9'),
    })
  })

  test.skipIf(skip)('one that was edited after it was applied is refused', async () => {
    await ensure()
    await sql`update llmr.migration set sha256 = 'other' where number = 1`.execute(database.query)
    await expect(ensure()).rejects.toMatchObject({ code: 'migration_changed' })
  })

  test.skipIf(skip)('a process that is not to migrate says what is missing, and changes nothing', async () => {
    await expect(ensure({ migrates: false })).rejects.toMatchObject({
      code: 'schema_outdated',
      message: expect.stringMatching(/0001-stored-response.*llmr migrate/),
    })
    expect(await appliedMigrations(database)).toEqual([])
    await ensure()
    await ensure({ migrates: false })
  })

  test.skipIf(skip !== undefined || name === 'pglite')(
    'several that start at once on an empty database apply each migration once',
    async () => {
      const applied: unknown[] = []
      const logger = {
        ...silentLogger,
        info: (fields: object) => 'migration' in fields && applied.push(fields.migration),
      }
      const stores = await Promise.all(Array.from({ length: 8 }, () => openTestStore(location, { logger })))
      for (const store of stores) await store.close()
      expect(applied).toEqual(names)
    },
  )
})
