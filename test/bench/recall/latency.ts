import { type Kysely, sql } from 'kysely'

import { systemClock } from '../../../src/core/clock.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { RecentRounds } from '../../../src/memory/recall/recent-rounds.ts'
import { recall } from '../../../src/memory/recall/recall.ts'
import { embed } from '../../../src/sim/embed.ts'
import { seededRandom } from '../../../src/sim/seeded-random.ts'
import type { Tables } from '../../../src/store/database.ts'
import { openDatabase, type StoreLocation } from '../../../src/store/open-database.ts'
import { openStore } from '../../../src/store/open-store.ts'
import type { postgresqlAt } from '../../integration/store/places.ts'

/** Of each length, in rounds, so many conversations: of a hundred, in the shares of a machine that is used every day. */
const lengths = [
  { rounds: 1_000, share: 0.02 },
  { rounds: 400, share: 0.08 },
  { rounds: 100, share: 0.2 },
  { rounds: 25, share: 0.7 },
]

const principals = 200
const vocabulary = 5_000
const space = { model: 'simulated', dimensions: 768 }

/** Fills an empty store with so many messages, two to a round, each round with a vector. */
export async function fillStore(location: ReturnType<typeof postgresqlAt>, messages: number): Promise<void> {
  const store = await openStore({
    location,
    migrates: true,
    llmrVersion: 'bench',
    clock: systemClock,
    logger: silentLogger,
  })
  await store.close()
  const database = await openDatabase({ ...location, statementTimeoutMs: 3_600_000 }, silentLogger)
  const query = database.query
  const rounds = messages / 2
  // Shares are of messages.
  const conversations = lengths.map(({ rounds: length, share }) => ({
    length,
    count: Math.round((rounds * share) / length),
  }))
  await sql`set session_replication_role = replica`.execute(query).catch(() => undefined)
  await loadConversations(query, conversations)
  await loadRounds(query)
  await sql`analyze`.execute(query)
  await database.close()
}

async function loadConversations(
  query: Kysely<Tables>,
  conversations: readonly { length: number; count: number }[],
): Promise<void> {
  await sql`create unlogged table bench_conversation as
    select row_number() over () as n, gen_random_uuid() as id, length
    from unnest(${conversations.map(({ length }) => length)}::int[], ${conversations.map(({ count }) => count)}::int[])
      as given (length, count), generate_series(1, count)`.execute(query)
  await sql`insert into llmr.conversation (id, tenant, principal, source, expires_at)
    select id, 'default', 'person-' || n % ${principals}, 'inferred', now() + interval '90 days' from bench_conversation`.execute(
    query,
  )
  // Turns of all conversations in turn, as they would come: those of one lie far apart on the disk.
  await sql`create unlogged table bench_round as
    select row_number() over (order by depth, n) as id, n, id as conversation, depth
    from bench_conversation, generate_series(1, length) as depth`.execute(query)
  await sql`create index on bench_round (conversation, depth)`.execute(query)
  await sql`insert into llmr.turn (id, tenant, principal, conversation, parent_reply, depth, user_digest, chain_hash, kind, origin)
    overriding system value
    select round.id, 'default', 'person-' || round.n % ${principals}, round.conversation, before.id, round.depth,
      sha256(round.id::text::bytea), sha256(round.id::text::bytea), 'user', 'live'
    from bench_round as round
      left join bench_round as before on before.conversation = round.conversation and before.depth = round.depth - 1`.execute(
    query,
  )
  await sql`insert into llmr.reply (id, tenant, principal, turn, request_id, correlation_id, status, started_at)
    overriding system value
    select id, 'default', 'person-' || n % ${principals}, id, 'bench-' || id, 'bench', 'complete', now() from bench_round`.execute(
    query,
  )
}

async function loadRounds(query: Kysely<Tables>): Promise<void> {
  await sql`create unlogged table bench_text as
    select g, (
      select string_agg('w' || floor(power(random(), 3) * ${vocabulary})::int, ' ') from generate_series(1, 60) as s where g.g >= 0
    ) as text
    from generate_series(0, 19999) as g(g)`.execute(query)
  await sql`create unlogged table bench_vector as
    select g, (select array_agg((random() - .5)::real) from generate_series(1, ${space.dimensions}) as s where g.g >= 0)::halfvec as vector
    from generate_series(0, 1999) as g(g)`.execute(query)
  await sql`insert into llmr.chat_pair (request_id, correlation_id, reply, conversation, depth, tenant, principal, user_text, reply_text, created_at)
    select 'bench-' || round.id, 'bench', round.id, conversation, depth, 'default', 'person-' || n % ${principals},
      left(bench_text.text, 120), bench_text.text, now()
    from bench_round as round join bench_text on bench_text.g = round.id * 7919 % 20000`.execute(query)
  await sql`insert into llmr.embedding (tenant, request_id, model, dimensions, conversation, depth, content_sha, vector)
    select 'default', 'bench-' || round.id, ${space.model}, ${space.dimensions}, conversation, depth, sha256(round.id::text::bytea), vector
    from bench_round as round join bench_vector on bench_vector.g = round.id * 7919 % 2000`.execute(query)
}

export interface Fetches {
  readonly rounds: string
  readonly count: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
}

/** Hybrid fetches, so many at a time, by the length of the conversation that each is in; a random one of all messages. */
export async function measureLatency(
  location: StoreLocation,
  { fetches, clients, seed }: { fetches: number; clients: number; seed: number },
): Promise<readonly Fetches[]> {
  const store = await openStore({
    location,
    migrates: true,
    llmrVersion: 'bench',
    clock: systemClock,
    logger: silentLogger,
  })
  const database = await openDatabase(location, silentLogger)
  const random = seededRandom(seed)
  const recent = new RecentRounds()
  const tookMs: { rounds: number; ms: number }[] = []
  const floorMs: number[] = []
  const { rows } = await sql<{ reply: string; principal: string; depth: number }>`
    select reply::text, principal, depth from llmr.chat_pair tablesample bernoulli (2) order by md5(request_id) limit ${fetches}`.execute(
    database.query,
  )
  await database.close()
  const waiting = [...rows]
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (let asked = waiting.pop(); asked !== undefined; asked = waiting.pop()) {
        const text = Array.from({ length: 8 }, () => `w${Math.floor(random() ** 3 * vocabulary)}`).join(' ')
        const vector = embed(text, space.dimensions)
        const scope = { tenant: 'default', principal: asked.principal }
        const floorBegan = performance.now()
        await store.within('default').recall.rounds(scope, ['0'])
        floorMs.push(performance.now() - floorBegan)
        const began = performance.now()
        await recall(
          {
            scope,
            reply: asked.reply,
            mode: 'hybrid',
            text,
            nearTo: { model: space.model, vector },
            shownTurns: new Set(),
            olderShown: 0,
          },
          { source: store.within('default').recall, recent },
        )
        tookMs.push({ rounds: asked.depth - 1, ms: performance.now() - began })
      }
    }),
  )
  await store.close()
  const classes = [
    { rounds: 'all', is: () => true },
    { rounds: 'up to 25', is: (rounds: number) => rounds <= 25 },
    { rounds: '26 to 100', is: (rounds: number) => rounds > 25 && rounds <= 100 },
    { rounds: '101 to 400', is: (rounds: number) => rounds > 100 && rounds <= 400 },
    { rounds: '401 to 1000', is: (rounds: number) => rounds > 400 },
  ]
  const quantiles = (rounds: string, unsorted: readonly number[]): Fetches => {
    const some = unsorted.toSorted((a, b) => a - b)
    const quantile = (q: number) => some[Math.min(some.length - 1, Math.floor(some.length * q))] ?? Number.NaN
    return { rounds, count: some.length, p50Ms: quantile(0.5), p95Ms: quantile(0.95), p99Ms: quantile(0.99) }
  }
  return [
    quantiles('(nothing: one empty fetch)', floorMs),
    ...classes.map(({ rounds, is }) =>
      quantiles(
        rounds,
        tookMs.filter((one) => is(one.rounds)).map(({ ms }) => ms),
      ),
    ),
  ]
}
