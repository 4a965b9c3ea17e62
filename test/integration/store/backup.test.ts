import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { systemClock } from '../../../src/core/clock.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { restoreBackup } from '../../../src/store/backup/restore-backup.ts'
import { writeBackup } from '../../../src/store/backup/write-backup.ts'
import type { Database } from '../../../src/store/database.ts'
import { appliedMigrations, migrate } from '../../../src/store/migrations/migrate.ts'
import { readMigrations } from '../../../src/store/migrations/migration-files.ts'
import type { Migration } from '../../../src/store/migrations/migration-files.ts'
import { openDatabase } from '../../../src/store/open-database.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { engines } from './engines.ts'

/** Every kind of column that a backup has to carry, and a reference that runs against the order of the names. */
const first: Migration = {
  number: 1,
  name: '0001-first',
  sha256: 'first',
  text: `
    create extension if not exists vector;
    create table llmr.parent (
      id bigint generated always as identity primary key,
      name text, data bytea, vector halfvec(3), at timestamptz, list text[], number double precision, document json,
      doubled double precision generated always as (number * 2) stored
    );
    create table llmr.a_child (parent_id bigint primary key references llmr.parent, note text);
    create table llmr.egg (id bigint primary key);
    create table llmr.hen (id bigint primary key, hatched_of bigint references llmr.egg deferrable);
    alter table llmr.egg add column laid_by bigint references llmr.hen deferrable;
    create table llmr.barn (hen bigint references llmr.hen)`,
}
const second: Migration = {
  number: 2,
  name: '0002-second',
  sha256: 'second',
  text: `alter table llmr.parent add column kind text not null default 'old'`,
}

describe.for(engines)('backup on $name', ({ skip, emptyPlace }) => {
  let database: Database

  beforeAll(async () => {
    if (skip === undefined) database = await openDatabase(await emptyPlace(), silentLogger)
  })
  afterAll(() => database?.close())
  beforeEach(() => empty())

  async function empty(): Promise<void> {
    if (skip === undefined) await sql`drop schema if exists llmr cascade`.execute(database.query)
  }

  const make = (known: readonly Migration[]) => migrate(database, { known, llmrVersion: '1' })
  const backup = (file: string) => writeBackup(database, { file, llmrVersion: '1', clock: systemClock })
  const restore = (file: string, known: readonly Migration[]) =>
    restoreBackup(database, { file, known, llmrVersion: '2' })

  async function contents(): Promise<unknown> {
    const { rows } = await sql`
      select parent::text as parent, a_child::text as child
      from llmr.parent left join llmr.a_child on parent_id = id order by id`.execute(database.query)
    return rows
  }

  const rowArbitrary = fc.record({
    name: fc.option(fc.string({ unit: 'binary' }).map((text) => text.toWellFormed().replaceAll('\u0000', ''))),
    data: fc.option(fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes))),
    at: fc.option(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })),
    list: fc.option(fc.array(fc.constantFrom('', 'a', 'NULL', '{', '"', '\\', ',', '日'), { maxLength: 4 })),
    number: fc.option(fc.double({ min: -1e300, max: 1e300 })),
    document: fc.option(fc.json({ maxDepth: 2 })),
  })

  test.skipIf(skip)('what is restored is what was there, whatever the values', async () => {
    await make([first])
    const rows = fc.sample(rowArbitrary, 250)
    for (const row of rows) {
      await sql`
        with made as (
          insert into llmr.parent (name, data, vector, at, list, number, document)
          values (${row.name}, ${row.data}, '[1,2.5,-3]', ${row.at}, ${row.list}, ${row.number}, ${row.document})
          returning id
        ) insert into llmr.a_child select id, 'child of ' || id from made where id % 2 = 0`.execute(database.query)
    }
    const before = await contents()
    const file = join(temporaryFolder(), 'backup.jsonl.gz')
    expect(await backup(file)).toMatchObject({ a_child: 125, parent: 250 })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await empty()
    expect(await restore(file, [first])).toMatchObject({ a_child: 125, parent: 250 })
    expect(await contents()).toEqual(before)
    // Identities go on after those that were put back.
    const { rows: next } = await sql`insert into llmr.parent default values returning id`.execute(database.query)
    expect(next).toEqual([{ id: '251' }])
  })

  test.skipIf(skip)(
    'tables that refer to each other in a circle are put back, and those that refer to them',
    async () => {
      await make([first])
      await sql`
      with hens as (insert into llmr.hen values (1, 2), (2, 1)), eggs as (insert into llmr.egg values (1, 2), (2, 1))
      insert into llmr.barn values (2)`.execute(database.query)
      const file = join(temporaryFolder(), 'circle.jsonl')
      await backup(file)
      await empty()
      expect(await restore(file, [first, second])).toMatchObject({ hen: 2, egg: 2, barn: 1 })
    },
  )

  test.skipIf(skip)('a backup of an older llmr is brought up to date, one of a newer llmr is refused', async () => {
    await make([first])
    await sql`insert into llmr.parent (name) values ('a')`.execute(database.query)
    const older = join(temporaryFolder(), 'older.jsonl')
    await backup(older)
    await make([first, second])
    const newer = join(temporaryFolder(), 'newer.jsonl')
    await backup(newer)
    await empty()
    await make([first, second]) // empty, but made already
    await restore(older, [first, second])
    expect((await sql`select name, kind from llmr.parent`.execute(database.query)).rows).toEqual([
      { name: 'a', kind: 'old' },
    ])
    expect(await appliedMigrations(database)).toHaveLength(2)
    await empty()
    await expect(restore(newer, [first])).rejects.toMatchObject({ code: 'schema_too_new' })
  })

  test.skipIf(skip)('a store that holds something is left alone', async () => {
    await make([first])
    await sql`insert into llmr.parent (name) values ('a')`.execute(database.query)
    const before = await contents()
    const file = join(temporaryFolder(), 'backup.jsonl')
    await backup(file)
    await expect(restore(file, [first])).rejects.toMatchObject({ code: 'store_not_empty' })
    expect(await contents()).toEqual(before)
  })

  test.skipIf(skip)('a backup that is cut off, altered or something else changes nothing', async () => {
    await make([first])
    await sql`insert into llmr.parent (name) select 'row ' || n from generate_series(1, 300) n`.execute(database.query)
    const folder = temporaryFolder()
    const file = join(folder, 'backup.jsonl.gz')
    await backup(file)
    await empty()
    const text = gunzipSync(readFileSync(file)).toString()
    const lines = text.trimEnd().split('\n')
    const damaged: Readonly<Record<string, string | Buffer>> = {
      'compressed and cut.gz': readFileSync(file).subarray(0, 200),
      'not compressed.gz': text,
      'without an end': lines.slice(0, -1).join('\n'),
      'cut in a line': text.slice(0, -20),
      'a row less': lines.toSpliced(5, 1).join('\n'),
      'a column more': text.replace('"columns":["id"', '"columns":["secret","id"'),
      'a value less': text.replace('"row 7",', ''),
      'a transcript': '{"format":"llmr-transcript","version":1}\n',
      'of another version': text.replace('"version":1', '"version":2'),
      empty: '',
    }
    for (const [name, content] of Object.entries(damaged)) {
      writeFileSync(join(folder, name), content)
      await expect(restore(join(folder, name), [first]), name).rejects.toMatchObject({ code: 'backup_unreadable' })
    }
    const { rows } = await sql`select 1 from pg_namespace where nspname = 'llmr'`.execute(database.query)
    expect(rows).toEqual([])
  })
})

test.skipIf(engines.some(({ skip }) => skip))(
  'what the embedded database held moves to PostgreSQL and back',
  async () => {
    const known = await readMigrations()
    const folder = temporaryFolder()
    const [embedded, server] = await Promise.all(
      engines.map(async ({ emptyPlace }) => openDatabase(await emptyPlace(), silentLogger)),
    )
    const texts = JSON.stringify(['\u0000', '\ud800', '"\\\n', '日本語'])
    await migrate(embedded!, { known, llmrVersion: '1' })
    await sql`
    insert into llmr.stored_response
    select 'default', 'alice', 'resp_' || n, null, 'tiny', 'completed', now(), now(), ${texts}, '[]', '{}', '{}', 10
    from generate_series(1, 30) n`.execute(embedded!.query)
    const all = async ({ query }: Database) =>
      (await sql`select stored_response::text as row from llmr.stored_response order by id`.execute(query)).rows
    const before = await all(embedded!)
    await writeBackup(embedded!, { file: join(folder, 'there'), llmrVersion: '1', clock: systemClock })
    await restoreBackup(server!, { file: join(folder, 'there'), known, llmrVersion: '1' })
    await writeBackup(server!, { file: join(folder, 'back'), llmrVersion: '1', clock: systemClock })
    await sql`truncate llmr.stored_response`.execute(embedded!.query)
    await restoreBackup(embedded!, { file: join(folder, 'back'), known, llmrVersion: '1' })
    expect(await all(embedded!)).toEqual(before)
    expect(before).toHaveLength(30)
    await Promise.all([embedded!.close(), server!.close()])
  },
)
