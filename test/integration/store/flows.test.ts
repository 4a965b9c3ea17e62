import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { silentLogger } from '../../../src/core/logger.ts'
import type { Flow } from '../../../src/core/flow.ts'
import type { Database } from '../../../src/store/database.ts'
import { Flows } from '../../../src/store/flows.ts'
import { ensureSchema } from '../../../src/store/migrations/ensure-schema.ts'
import { openDatabase } from '../../../src/store/open-database.ts'
import { engines } from './engines.ts'

const keepMs = 86_400_000
const whose = { tenant: 'acme', principal: 'ada' }

function flow(requestId: string, changes: Partial<Flow> = {}): Flow {
  return {
    ...whose,
    requestId,
    correlationId: `label-of-${requestId}`,
    operation: 'chat',
    kind: 'user',
    model: 'small-q4',
    backend: 'rig',
    status: 200,
    startedAtMs: Date.now(),
    durationMs: 900,
    steps: [
      { type: 'request', startedUs: 0, durationUs: 900_000, facts: { requested_model: 'small' } },
      { type: 'retrieve', startedUs: 1_000, durationUs: 4_000 },
      { type: 'inject', startedUs: 5_000, digest: 'f'.repeat(64) },
      { type: 'wait', startedUs: 6_000, durationUs: 500_000 },
      { type: 'generate', startedUs: 506_000, durationUs: 390_000, ref: 'rig small-q4', digest: 'e'.repeat(64) },
    ],
    edges: [
      { from: 0, to: 1, relation: 'informed-by' },
      { from: 1, to: 2, relation: 'used' },
      { from: 0, to: 3, relation: 'informed-by' },
      { from: 3, to: 4, relation: 'informed-by' },
      { from: 2, to: 4, relation: 'used' },
    ],
    sources: [],
    ...changes,
  }
}

const version3 = { kind: 'chunk', ref: 'handbook#12', digest: '3'.repeat(64) } as const
const version4 = { kind: 'chunk', ref: 'handbook#12', digest: '4'.repeat(64) } as const

describe.for(engines)('what can be asked of lineage, on $name', ({ skip, emptyPlace }) => {
  let database: Database
  let flows: Flows

  beforeAll(async () => {
    if (skip !== undefined) return
    const location = await emptyPlace()
    database = await openDatabase(location, silentLogger)
    await ensureSchema(database, { location, migrates: true, llmrVersion: '0', logger: silentLogger })
    flows = new Flows(database.query)
  })
  afterAll(() => database?.close())

  const rowsOf = async (query: ReturnType<typeof sql>) => (await query.execute(database.query)).rows

  test.skipIf(skip)(
    'which sources, in which version and with which score, the model was shown for an answer',
    async () => {
      const sources = [
        { kind: 'round', ref: '7', rank: 1, score: 0.5, isInjected: true, tokens: 90, reason: 'window' },
        { ...version3, rank: 2, score: 0.25, isInjected: true, tokens: 40 },
        { kind: 'round', ref: '8', rank: 3, score: 0.125, isInjected: false, reason: 'floor' },
      ] as const
      const told = flow('answer', { sources })
      await flows.add([told, told], { keepMs })
      await flows.add([told], { keepMs })
      const [found, ...others] = await flows.find({ id: 'answer', tenant: 'acme', most: 10 })
      expect(others).toEqual([])
      expect(found).toEqual(told)
    },
  )

  test.skipIf(skip)('which answers used a version of a document, and which after it was withdrawn', async () => {
    const withdrawnAtMs = Date.now()
    const used = (name: string, source: typeof version3 | typeof version4, startedAtMs: number, isInjected = true) =>
      flow(name, { startedAtMs, sources: [{ ...source, rank: 1, isInjected }] })
    const given = [
      used('before', version3, withdrawnAtMs - 1_000),
      used('after', version3, withdrawnAtMs + 1_000),
      used('other-version', version4, withdrawnAtMs + 1_000),
      used('only-seen', version3, withdrawnAtMs + 1_000, false),
    ]
    await flows.add(given, { keepMs })
    const answers = (since: number) => sql`
      select flow.request_id as id from llmr.flow_source source join llmr.flow on flow.request_id = source.request_id
      where source.kind = 'chunk' and source.ref = ${version3.ref} and source.digest = ${version3.digest} and source.injected
        and flow.started_at > ${new Date(since)} and flow.request_id <> 'answer'
      order by flow.started_at`
    expect(await rowsOf(answers(0))).toEqual([{ id: 'before' }, { id: 'after' }])
    expect(await rowsOf(answers(withdrawnAtMs))).toEqual([{ id: 'after' }])
  })

  test.skipIf(skip)('why something was not used, and which model was asked what, and where the time went', async () => {
    const source = { kind: 'round', ref: 'far', rank: 9, score: 0.0625, isInjected: false, reason: 'budget' } as const
    await flows.add([flow('why-not', { sources: [source] })], { keepMs })
    expect(await rowsOf(sql`select rank, score, reason from llmr.flow_source where request_id = 'why-not'`)).toEqual([
      { rank: 9, score: 0.0625, reason: 'budget' },
    ])
    expect(
      await rowsOf(sql`select type, ref, duration_us::integer as us from llmr.flow_node
        where request_id = 'why-not' and duration_us is not null and place > 0 order by duration_us desc`),
    ).toEqual([
      { type: 'wait', ref: null, us: 500_000 },
      { type: 'generate', ref: 'rig small-q4', us: 390_000 },
      { type: 'retrieve', ref: null, us: 4_000 },
    ])
    expect(
      await rowsOf(sql`select f.type as "from", t.type as "to", relation from llmr.flow_edge e
        join llmr.flow_node f on f.request_id = e.request_id and f.place = e.src
        join llmr.flow_node t on t.request_id = e.request_id and t.place = e.dst
        where e.request_id = 'why-not' and relation = 'used' order by e.dst`),
    ).toEqual([
      { from: 'retrieve', to: 'inject', relation: 'used' },
      { from: 'inject', to: 'generate', relation: 'used' },
    ])
  })

  test.skipIf(skip)('what workers did later stands behind the reply, whichever was told first', async () => {
    const startedAtMs = Date.now()
    const done = { ...whose, requestId: 'later', startedAtMs: startedAtMs + 2_000, durationUs: 700 }
    await flows.addSteps([{ ...done, type: 'persist', facts: { tool_calls: 1 } }], { keepMs })
    await flows.add([flow('later', { startedAtMs })], { keepMs })
    await flows.addSteps([{ ...done, type: 'embed', startedAtMs: startedAtMs + 3_000, ref: 'nomic' }], { keepMs })
    const [found] = await flows.find({ id: 'later', most: 1 })
    expect(found?.steps.slice(5)).toEqual([
      { type: 'persist', startedUs: 2_000_000, durationUs: 700, ref: undefined, facts: { tool_calls: 1 } },
      { type: 'embed', startedUs: 3_000_000, durationUs: 700, ref: 'nomic', facts: undefined },
    ])
    expect(found?.edges.slice(5)).toEqual([
      { from: 4, to: 5, relation: 'derived-from' },
      { from: 5, to: 6, relation: 'used' },
    ])
    const places = await rowsOf(
      sql`select place::integer from llmr.flow_node where request_id = 'later' order by place`,
    )
    expect(places).toEqual([0, 1, 2, 3, 4, 5, 6].map((place) => ({ place })))
  })

  test.skipIf(skip)('every flow with a label is found, and of one tenant only when one asks', async () => {
    const correlationId = 'same'
    const other = { tenant: 'globex', principal: 'bob' }
    const given = [
      flow('s1', { correlationId }),
      flow('s2', { correlationId }),
      flow('s3', { correlationId, ...other }),
    ]
    await flows.add(given, { keepMs })
    const ids = async (tenant?: string) =>
      (await flows.find({ id: 'same', most: 10, ...(tenant !== undefined && { tenant }) }))
        .map(({ requestId }) => requestId)
        .toSorted()
    expect(await ids('acme')).toEqual(['s1', 's2'])
    expect(await ids('globex')).toEqual(['s3'])
    expect(await ids()).toEqual(['s1', 's2', 's3'])
  })

  test.skipIf(skip)('goes with the conversation that it tells of, and after its time', async () => {
    const conversation = '019a0000-0000-7000-8000-00000000000a'
    await rowsOf(sql`insert into llmr.conversation (id, tenant, principal, source, expires_at)
      values (${conversation}, 'acme', 'ada', 'inferred', now())`)
    await rowsOf(sql`with said as (insert into llmr.turn (tenant, principal, conversation, depth, user_digest, chain_hash, kind, origin)
        values ('acme', 'ada', ${conversation}, 1, sha256('a'), sha256('b'), 'user', 'live') returning id)
      insert into llmr.reply (tenant, principal, turn, request_id, status, started_at)
      select 'acme', 'ada', id, 'spoken', 'complete', now() from said`)
    const step = { ...whose, requestId: 'spoken', type: 'persist', startedAtMs: Date.now(), durationUs: 1 } as const
    await flows.add([flow('spoken', { conversation }), flow('old', { startedAtMs: 0 })], { keepMs })
    await flows.addSteps([step], { keepMs })
    await rowsOf(sql`delete from llmr.conversation where id = ${conversation}`)
    expect(await flows.find({ id: 'spoken', most: 1 })).toEqual([])
    expect(await rowsOf(sql`select from llmr.flow_step where request_id = 'spoken'`)).toEqual([])
    await flows.add([flow('told-late', { conversation })], { keepMs })
    expect(await flows.find({ id: 'told-late', most: 1 })).toEqual([])
    await flows.removeExpired(100)
    expect(await flows.find({ id: 'old', most: 1 })).toEqual([])
    expect(await flows.find({ id: 'answer', most: 1 })).toHaveLength(1)
  })
})
