/**
 * What an export takes of memory and time as it grows, in each format, from a PostgreSQL server:
 *
 *   DATABASE_URL=postgres://… node test/bench/export.ts [ROWS…]
 *
 * Makes a database of its own on that server, fills it, and takes it away again. Each line is a process of its own, since
 * what one has taken at most says nothing of the next; that of no rows is what the program takes by itself.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { sql } from 'kysely'

import { silentLogger } from '../../src/core/logger.ts'
import { exportPageRows } from '../../src/gateway/operating/export/export-source.ts'
import { type ExportFormat, writeExport } from '../../src/gateway/operating/export/write-export.ts'
import { exportPage } from '../../src/store/export/export-page.ts'
import type { Database } from '../../src/store/database.ts'
import { ensureSchema } from '../../src/store/migrations/ensure-schema.ts'
import { openDatabase } from '../../src/store/open-database.ts'
import { realPostgres } from '../services/postgres.ts'

const formats = ['jsonl', 'csv', 'parquet'] as const satisfies readonly ExportFormat[]
const [first = '', ...others] = process.argv.slice(2)
const asked = formats.find((format) => format === first)
await (asked === undefined ? compare([first, ...others]) : measure(asked, Number(others[0]), others[1] ?? ''))

async function compare(given: readonly string[]): Promise<void> {
  const sizes = [0, ...(given[0] === '' ? [10_000, 100_000] : given.map(Number))]
  const postgres = await realPostgres()
  if ('skip' in postgres) throw new Error(postgres.skip)
  const databaseUrl = await postgres.createDatabase()
  try {
    const database = await opened(databaseUrl)
    await fill(database, Math.max(...sizes))
    await database.close()
    for (const format of formats) {
      for (const rows of sizes) {
        const args = [import.meta.filename, format, String(rows), databaseUrl]
        spawnSync(process.execPath, args, { stdio: 'inherit' })
      }
    }
  } finally {
    await postgres.close()
  }
}

async function measure(format: ExportFormat, rows: number, databaseUrl: string): Promise<void> {
  const database = await opened(databaseUrl)
  const folder = mkdtempSync(join(tmpdir(), 'llmr-export-'))
  try {
    const startedMs = performance.now()
    const file = join(folder, `turns.${format}`)
    const range = { table: 'turns', fromMs: 0, toMs: rows * 1000 } as const
    await writeExport({ range, format, file, resumes: false }, (wanted, after) =>
      exportPage(database.query, { ...wanted, after, most: exportPageRows }),
    )
    const seconds = (performance.now() - startedMs) / 1000
    const { maxRSS } = process.resourceUsage()
    console.log(
      `${format.padEnd(8)} ${String(rows).padStart(9)} rows  ${(statSync(file).size / 1e6).toFixed(0).padStart(5)} MB  ` +
        `${Math.round(rows / seconds)
          .toLocaleString('en')
          .padStart(7)} rows/s  at most ${Math.round(maxRSS / 1000)} MB resident`,
    )
  } finally {
    rmSync(folder, { recursive: true })
    await database.close()
  }
}

async function opened(databaseUrl: string): Promise<Database> {
  const location = { engine: 'postgresql', databaseUrl, connectionsMax: 2, statementTimeoutMs: 3_600_000 } as const
  const database = await openDatabase(location, silentLogger)
  await ensureSchema(database, { location, migrates: true, llmrVersion: '0', logger: silentLogger })
  return database
}

/** One turn a second from 1970 on, each with some 1,200 characters. */
async function fill({ query }: Database, rows: number): Promise<void> {
  const conversation = '019a0000-0000-7000-8000-00000000000a'
  const numbers = sql`generate_series(0, ${rows - 1}::integer) n`
  await sql`insert into llmr.conversation (id, tenant, principal, source, expires_at)
    values (${conversation}, 'acme', 'ada', 'inferred', now())`.execute(query)
  await sql`insert into llmr.turn (tenant, principal, conversation, depth, user_digest, chain_hash, kind, origin, input)
    select 'acme', 'ada', ${conversation}, 1, sha256(n::text::bytea), sha256('b'), 'user', 'live',
      json_build_array(repeat('word ', 120)) from ${numbers}`.execute(query)
  await sql`insert into llmr.reply (tenant, principal, turn, request_id, status, started_at, output, prompt_tokens)
    select 'acme', 'ada', id, 'request-' || id, 'complete', to_timestamp(row_number() over (order by id) - 1),
      json_build_array(repeat('said ', 120)), 7 from llmr.turn`.execute(query)
  await sql`analyze llmr.reply`.execute(query)
  await sql`analyze llmr.turn`.execute(query)
}
