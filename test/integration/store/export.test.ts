import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { silentLogger } from '../../../src/core/logger.ts'
import type { NextPage } from '../../../src/gateway/operating/export/export-source.ts'
import { writeExport } from '../../../src/gateway/operating/export/write-export.ts'
import type { Database } from '../../../src/store/database.ts'
import { exportPage, type ExportRange } from '../../../src/store/export/export-page.ts'
import { exportNames } from '../../../src/store/export/exported-tables.ts'
import { ensureSchema } from '../../../src/store/migrations/ensure-schema.ts'
import { openDatabase } from '../../../src/store/open-database.ts'
import { engines } from './engines.ts'

const beginMs = Date.UTC(2026, 10, 1)
const rowsInAll = 2_500
const minuteMs = 60_000
const everything = { fromMs: 0, toMs: beginMs + rowsInAll * minuteMs }

/** One row a minute, in each table; every fifth of another tenant. */
async function fill({ query }: Database): Promise<void> {
  const whose = sql`case when n % 5 = 0 then 'globex' else 'acme' end, 'ada'`
  const at = sql`to_timestamp(${beginMs / 1000}::float8 + n * 60)`
  const id = sql`'request-' || lpad(n::text, 6, '0')`
  const conversation = '019a0000-0000-7000-8000-00000000000a'
  const all = sql`from generate_series(0, ${rowsInAll - 1}::integer) n order by n`
  await sql`insert into llmr.conversation (id, tenant, principal, source, expires_at)
    values (${conversation}, 'acme', 'ada', 'inferred', now())`.execute(query)
  await sql`insert into llmr.turn (tenant, principal, conversation, depth, user_digest, chain_hash, kind, origin, input)
    select ${whose}, ${conversation}, 1, sha256(n::text::bytea), sha256('b'), 'user', 'live', '["a"]' ${all}`.execute(
    query,
  )
  await sql`insert into llmr.reply (tenant, principal, turn, request_id, correlation_id, status, started_at, output, prompt_tokens)
    select ${whose}, turn.id, ${id}, null, 'complete', ${at}, json_build_array('said "so",' || chr(10) || n), n
    from (select n, row_number() over (order by n) as place from generate_series(0, ${rowsInAll - 1}::integer) n) s
      join (select id, row_number() over (order by id) as place from llmr.turn) turn using (place) order by n`.execute(
    query,
  )
  await sql`insert into llmr.tool_call (reply, position, tenant, principal, call_id, name, arguments)
    select reply.id, place, tenant, principal, 'call', 'look', '{}' from llmr.reply, generate_series(0, 1) place`.execute(
    query,
  )
  await sql`insert into llmr.chat_pair (request_id, reply, conversation, depth, tenant, principal, user_text, reply_text, created_at)
    select request_id, id, ${conversation}, 1, tenant, principal, '', 'x', started_at from llmr.reply`.execute(query)
  await sql`insert into llmr.flow (request_id, correlation_id, tenant, principal, operation, status, started_at, duration_ms, steps, edges,
      expires_at)
    select request_id, 'c', tenant, principal, 'chat', 200, started_at, 5,
      '[{"type":"request","started_us":0},{"type":"route","started_us":7}]', '[[0,1,"informed-by"]]', now() from llmr.reply`.execute(
    query,
  )
  await sql`insert into llmr.flow_source (request_id, kind, ref, tenant, rank, injected)
    select request_id, 'round', '7', tenant, 1, true from llmr.flow`.execute(query)
}

describe.for(engines)('an export from $name', ({ skip, emptyPlace }) => {
  let database: Database
  let pageOf: NextPage
  const folder = mkdtempSync(join(tmpdir(), 'llmr-export-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  beforeAll(async () => {
    if (skip !== undefined) return
    const location = await emptyPlace()
    database = await openDatabase(location, silentLogger)
    await ensureSchema(database, { location, migrates: true, llmrVersion: '0', logger: silentLogger })
    await fill(database)
    pageOf = (range, after) => exportPage(database.query, { ...range, after, most: 100 })
  })
  afterAll(() => database?.close())

  async function exported(range: ExportRange, name: string, source = pageOf) {
    const file = join(folder, name)
    const { rows } = await writeExport({ range, format: 'jsonl', file, resumes: false }, source)
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    return { rows, lines: lines.map((line) => JSON.parse(line || 'null') as Record<string, unknown>) }
  }

  test.skipIf(skip)('holds every row of every table once', async () => {
    for (const table of exportNames) {
      const { rows, lines } = await exported({ table, ...everything }, `${table}.jsonl`)
      const perRequest = table === 'tool-calls' || table === 'flow-steps' ? 2 : 1
      expect({ table, rows }).toEqual({ table, rows: rowsInAll * perRequest })
      expect(new Set(lines.map(({ request_id: id }) => id)).size).toBe(rowsInAll)
      expect(new Set(lines.map((line) => JSON.stringify(line))).size).toBe(rows)
    }
  })

  test.skipIf(skip)('of one stretch after the other holds each row once, and of a tenant only its own', async () => {
    const cut = beginMs + 700 * minuteMs
    const parts = [
      await exported({ table: 'turns', fromMs: 0, toMs: cut }, 'first.jsonl'),
      await exported({ table: 'turns', fromMs: cut, toMs: everything.toMs }, 'second.jsonl'),
    ]
    expect(parts.map(({ rows }) => rows)).toEqual([700, rowsInAll - 700])
    const { lines } = await exported({ table: 'turns', ...everything, tenant: 'globex' }, 'globex.jsonl')
    expect(lines).toHaveLength(rowsInAll / 5)
    expect(new Set(lines.map(({ tenant }) => tenant))).toEqual(new Set(['globex']))
    expect(lines[0]).toMatchObject({
      request_id: 'request-000000',
      prompt_tokens: 0,
      input: ['a'],
      output: ['said "so",\n0'],
      started_at: '2026-11-01T00:00:00.000000Z',
      finished_at: null,
    })
  })

  test.skipIf(skip).for(['jsonl', 'csv'] as const)('that breaks off goes on to the same bytes: %s', async (format) => {
    const range = { table: 'turns', ...everything } as const
    const whole = join(folder, `whole.${format}`)
    await writeExport({ range, format, file: whole, resumes: false }, pageOf)
    const file = join(folder, `broken.${format}`)
    let pages = 0
    const breaking: NextPage = (wanted, after) => {
      pages += 1
      if (pages % 23 === 0) return Promise.reject(new Error('the database is gone'))
      return pageOf(wanted, after)
    }
    const wish = { range: { ...range, toMs: range.toMs }, format, file, resumes: true }
    await expect(writeExport(wish, breaking)).rejects.toThrow('gone')
    expect(readdirSync(folder)).not.toContain(`broken.${format}`)
    const later = { ...wish, range: { ...range, toMs: range.toMs + 1_000_000 } }
    expect(await writeExport(later, breaking)).toEqual({ range, rows: rowsInAll })
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(whole, 'utf8'))
    expect(readdirSync(folder).filter((name) => name.startsWith('broken'))).toContain(`broken.${format}`)
    expect(readdirSync(folder).some((name) => /\.(?:part|state)$/.test(name))).toBe(false)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test.skipIf(skip)(
    'in CSV keeps what would break a line in quotes, and tells nothing from an empty text',
    async () => {
      const file = join(folder, 'pairs.csv')
      const range = { table: 'pairs', fromMs: beginMs, toMs: beginMs + minuteMs } as const
      await writeExport({ range, format: 'csv', file, resumes: false }, pageOf)
      const [head, row] = readFileSync(file, 'utf8').split('\r\n')
      expect(head).toMatch(/^request_id,correlation_id,tenant,/)
      expect(row).toMatch(/^request-000000,,globex,ada,.*,"",x,2026-11-01T00:00:00\.000000Z$/)
      const turns = join(folder, 'turns.csv')
      await writeExport({ range: { ...range, table: 'turns' }, format: 'csv', file: turns, resumes: false }, pageOf)
      expect(readFileSync(turns, 'utf8')).toContain(String.raw`"[""said \""so\"",\n0""]"`)
    },
  )

  test.skipIf(skip)('in Parquet has types, and the same rows', async () => {
    const file = join(folder, 'turns.parquet')
    const range = { table: 'turns', ...everything } as const
    await writeExport({ range, format: 'parquet', file, resumes: false }, pageOf)
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(file) })
    expect(rows).toHaveLength(rowsInAll)
    expect(rows[7]).toMatchObject({
      request_id: 'request-000007',
      correlation_id: null,
      prompt_tokens: 7n,
      output: ['said "so",\n7'],
      started_at: new Date(beginMs + 7 * minuteMs),
    })
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })
})
