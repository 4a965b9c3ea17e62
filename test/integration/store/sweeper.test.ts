import { sql } from 'kysely'
import { afterAll, describe, expect, test } from 'vitest'

import { silentLogger } from '../../../src/core/logger.ts'
import type { Database } from '../../../src/store/database.ts'
import { ensureSchema } from '../../../src/store/migrations/ensure-schema.ts'
import { openDatabase } from '../../../src/store/open-database.ts'
import { Sweeper } from '../../../src/store/sweeper.ts'
import { StoredResponses } from '../../../src/store/stored-responses.ts'
import { engines } from './engines.ts'

describe.for(engines)('the sweeper on $name', ({ skip, emptyPlace }) => {
  let database: Database | undefined
  afterAll(() => database?.close())

  test.skipIf(skip)(
    'takes away all that has expired, in batches, again and again, and not after it was closed',
    async () => {
      const location = await emptyPlace()
      database = await openDatabase(location, silentLogger)
      await ensureSchema(database, { location, migrates: true, llmrVersion: '1', logger: silentLogger })
      const { query } = database
      const fill = () =>
        sql`insert into llmr.stored_response
        select 'default', 'alice', 'resp_' || n, null, 'tiny', 'completed', now(), now() + n % 2 * interval '1 day', '[]', '[]', '{}', '{}', 8
        from generate_series(1, 2400) n on conflict (tenant, principal, id) do update set expires_at = excluded.expires_at`.execute(
          query,
        )
      const left = async () =>
        (await sql<{ count: number }>`select count(*)::integer as count from llmr.stored_response`.execute(query))
          .rows[0]?.count
      const responses = new StoredResponses({ query, clock: { now: () => Date.now() + 1_000, monotonic: () => 0 } })
      const lines: unknown[] = []
      const tidied = Promise.withResolvers<void>()
      const sweeper = new Sweeper({
        database,
        logger: { ...silentLogger, info: (fields) => lines.push(fields), warn: (fields) => lines.push(fields) },
        intervalMs: 20,
        families: [
          { name: 'responses', tables: ['stored_response'], removeExpired: (most) => responses.removeExpired(most) },
          { name: 'broken', tables: [], removeExpired: () => Promise.reject(new Error('no such table')) },
          {
            name: 'third',
            tables: [],
            removeExpired: async () => {
              if ((await left()) === 1_200) tidied.resolve()
              return 0
            },
          },
        ],
      })
      await fill()
      await tidied.promise // by the timer, and past the family that fails
      await sweeper.close()
      await sweeper.close()
      expect(lines).toContainEqual({ family: 'broken', err: expect.any(Error) })
      await fill()
      await sweeper.sweep()
      expect(await left()).toBe(2_400)
    },
  )
})
