import { randomBytes } from 'node:crypto'

import { sql } from 'kysely'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { silentLogger } from '../../../src/core/logger.ts'
import type { Database } from '../../../src/store/database.ts'
import { ensureSchema } from '../../../src/store/migrations/ensure-schema.ts'
import { openDatabase, type StoreLocation } from '../../../src/store/open-database.ts'
import { StoredResponses } from '../../../src/store/stored-responses.ts'
import { engines, postgresqlAt } from './engines.ts'

const postgresql = engines.find(({ name }) => name === 'postgresql')!
const embedded = engines.find(({ name }) => name === 'pglite')!
const made: { readonly url: URL; readonly owner: string }[] = []

afterAll(async () => {
  for (const { url, owner } of made) await asSuperuser(url, [`drop owned by ${owner}`, `drop role ${owner}`])
})

const clock = { now: () => 1_000, monotonic: () => 0 }

/** An empty database whose tables will belong to somebody who is no superuser, as they should. */
async function placeOfOrdinaryOwner(): Promise<StoreLocation> {
  const place = await postgresql.emptyPlace()
  if (place.engine !== 'postgresql') throw new Error('expected PostgreSQL')
  const owner = `llmr_owner_${randomBytes(6).toString('hex')}`
  const url = new URL(place.databaseUrl)
  await asSuperuser(url, [
    `create role ${owner} login password 'secret'`,
    'create extension vector',
    `grant create on database ${url.pathname.slice(1)} to ${owner}`,
  ])
  made.push({ url, owner })
  const own = new URL(url)
  own.username = owner
  own.password = 'secret'
  return postgresqlAt(own.href)
}

async function asSuperuser(url: URL, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url.href })
  await client.connect()
  for (const statement of statements) await client.query(statement)
  await client.end()
}

async function opened(location: StoreLocation): Promise<Database> {
  const database = await openDatabase(location, silentLogger)
  await ensureSchema(database, { location, migrates: true, llmrVersion: '0', logger: silentLogger })
  return database
}

describe.skipIf(postgresql.skip)('on PostgreSQL, as an owner who is no superuser', () => {
  let database: Database

  beforeAll(async () => {
    database = await opened(await placeOfOrdinaryOwner())
    const responses = new StoredResponses({ query: database.query, clock })
    for (const tenant of ['acme', 'globex']) {
      await responses.put({
        id: `resp_${tenant}`,
        tenant,
        principal: 'alice',
        model: 'tiny',
        status: 'completed',
        createdMs: 0,
        expiresMs: 10_000,
        inputItems: [],
        outputItems: [],
        metadata: {},
        fields: {},
      })
    }
  })
  afterAll(() => database?.close())

  const seen = async (query: Database['query']) => {
    const { rows } = await sql<{ id: string }>`select id from llmr.stored_response order by id`.execute(query)
    return rows.map(({ id }) => id)
  }

  test('a query that forgets whose rows it may see is shown none of another tenant', async () => {
    expect(await seen(database.within('acme'))).toEqual(['resp_acme'])
    expect(await seen(database.within('nobody'))).toEqual([])
  })

  test('workers and the operator see every tenant', async () => {
    expect(await seen(database.query)).toEqual(['resp_acme', 'resp_globex'])
  })

  test('sessions that are shared by tenants show each its own, however the queries fall', async () => {
    const tenants = Array.from({ length: 60 }, (_, index) => ['acme', 'globex', '*'][index % 3] ?? '')
    const queries = new Map([
      ['acme', database.within('acme')],
      ['globex', database.within('globex')],
      ['*', database.query],
    ])
    const found = await Promise.all(tenants.map((tenant) => seen(queries.get(tenant)!)))
    const expected = { acme: ['resp_acme'], globex: ['resp_globex'], '*': ['resp_acme', 'resp_globex'] }
    expect(found).toEqual(tenants.map((tenant) => expected[tenant as keyof typeof expected]))
  })

  test('nothing can be written, changed or deleted in the name of another tenant', async () => {
    const acme = database.within('acme')
    const insertion = sql`insert into llmr.stored_response
      select 'globex', principal, 'resp_new', null, model, status, created_at, expires_at, input_items, output_items, metadata,
        fields, bytes from llmr.stored_response`.execute(acme)
    await expect(insertion).rejects.toMatchObject({ code: '42501' })
    const { numAffectedRows: changed } = await sql`update llmr.stored_response set model = 'x'
      where tenant = 'globex'`.execute(acme)
    const { numAffectedRows: deleted } = await sql`delete from llmr.stored_response where tenant = 'globex'`.execute(
      acme,
    )
    expect([changed, deleted]).toEqual([0n, 0n])
  })

  test('a session that does not say whom it works for is shown nothing', async () => {
    const client = new Client({ connectionString: await ownUrl(database) })
    onTestFinished(() => client.end())
    await client.connect()
    expect((await client.query('select id from llmr.stored_response')).rows).toEqual([])
  })

  test("vectors and uses of files are their tenant's, also those that an llmr of the version before has written", async () => {
    const all = database.query
    await sql`insert into llmr.artifact (id, tenant, principal, kind, uri, sha256, bytes)
      select gen_random_uuid(), tenant, 'alice', 'file', 'a.ts', sha256('a'), 1 from unnest(array['acme', 'globex']) tenant`.execute(
      all,
    )
    await sql`insert into llmr.artifact_use (request_id, call_id, artifact)
      select 'before', tenant, id from llmr.artifact`.execute(all)
    await sql`insert into llmr.artifact_use (request_id, call_id, artifact, tenant)
      select 'now', tenant, id, tenant from llmr.artifact`.execute(all)
    await sql`insert into llmr.conversation (id, tenant, principal, source, expires_at)
      select gen_random_uuid(), tenant, 'vera', 'inferred', now() from unnest(array['acme', 'globex']) tenant`.execute(
      all,
    )
    await sql`with turn as (
        insert into llmr.turn (tenant, principal, conversation, depth, user_digest, chain_hash, kind, origin)
        select tenant, principal, id, 1, sha256('a'), sha256('b'), 'user', 'live' from llmr.conversation where principal = 'vera'
        returning id, tenant, conversation
      ), reply as (
        insert into llmr.reply (tenant, principal, turn, status, started_at)
        select tenant, 'vera', id, 'complete', now() from turn returning id, tenant, turn
      )
      insert into llmr.chat_pair (request_id, reply, conversation, depth, tenant, principal, user_text, reply_text, created_at)
      select 'pair-' || reply.tenant, reply.id, turn.conversation, 1, reply.tenant, 'vera', 'a', 'b', now()
      from reply join turn on turn.id = reply.turn`.execute(all)
    await sql`insert into llmr.embedding (request_id, model, dimensions, content_sha, conversation, depth, vector)
      select request_id, 'm', 2, sha256('a'), conversation, 1, '[1,0]' from llmr.chat_pair`.execute(all)
    for (const tenant of ['acme', 'globex']) {
      const own = database.within(tenant)
      const { rows: vectors } = await sql`select request_id as id from llmr.embedding`.execute(own)
      expect(vectors).toEqual([{ id: `pair-${tenant}` }])
      const { rows: uses } =
        await sql`select request_id as id, call_id as of from llmr.artifact_use order by 1`.execute(own)
      expect(uses).toEqual(['before', 'now'].map((id) => ({ id, of: tenant })))
    }
    await sql`delete from llmr.conversation`.execute(all)
  })

  test('what belongs to a conversation goes with it, whoever deletes it', async () => {
    const acme = database.within('acme')
    await sql`insert into llmr.conversation (id, tenant, principal, source, expires_at)
      values (gen_random_uuid(), 'acme', 'alice', 'inferred', now())`.execute(acme)
    await sql`insert into llmr.turn (tenant, principal, conversation, depth, user_digest, chain_hash, kind, origin)
      select 'acme', 'alice', id, 1, sha256('a'), sha256('b'), 'user', 'live' from llmr.conversation`.execute(acme)
    await sql`delete from llmr.conversation`.execute(acme)
    expect((await sql`select from llmr.turn`.execute(database.query)).rows).toEqual([])
  })
})

async function ownUrl(database: Database): Promise<string> {
  const { rows } = await sql<{ user: string; port: number; name: string }>`
    select current_user as user, inet_server_port() as port, current_database() as name`.execute(database.query)
  const [{ user, port, name } = { user: '', port: 0, name: '' }] = rows
  return `postgresql://${user}:secret@127.0.0.1:${port}/${name}`
}

test('every table that says whose its rows are is walled off', async () => {
  const database = await opened(await embedded.emptyPlace())
  onTestFinished(() => database.close())
  const { rows } = await sql<{ name: string; isWalled: boolean }>`
    select distinct c.relname as name, c.relrowsecurity and c.relforcerowsecurity as "isWalled"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    where n.nspname = 'llmr' and c.relkind = 'r' and a.attname = 'tenant'`.execute(database.query)
  expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['turn', 'embedding', 'artifact_use']))
  expect(rows.filter(({ isWalled }) => !isWalled)).toEqual([])
})
