/**
 * What an export takes of memory and time as it grows, in each format, from a PostgreSQL server:
 *
 *   DATABASE_URL=postgres://… node --expose-gc test/bench/export.ts [ROWS]
 *
 * Makes a database of its own on that server, fills it, and takes it away again.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { sql } from 'kysely'

import { silentLogger } from '../../src/core/logger.ts'
import { exportPageRows } from '../../src/gateway/operating/export/export-source.ts'
import { writeExport } from '../../src/gateway/operating/export/write-export.ts'
import { exportPage } from '../../src/store/export/export-page.ts'
import { ensureSchema } from '../../src/store/migrations/ensure-schema.ts'
import { openDatabase } from '../../src/store/open-database.ts'
import { realPostgres } from '../services/postgres.ts'

const rowsInAll = Number(process.argv[2] ?? 100_000)
const postgres = await realPostgres()
if ('skip' in postgres) throw new Error(postgres.skip)
const databaseUrl = await postgres.createDatabase()
const location = { engine: 'postgresql', databaseUrl, connectionsMax: 2, statementTimeoutMs: 600_000 } as const
const database = await openDatabase(location, silentLogger)
await ensureSchema(database, { location, migrates: true, llmrVersion: '0', logger: silentLogger })
const { query } = database
const folder = mkdtempSync(join(tmpdir(), 'llmr-export-'))
try {
  await fill()
  for (const format of ['jsonl', 'csv', 'parquet'] as const) {
    for (const rows of [rowsInAll / 10, rowsInAll]) {
      globalThis.gc?.()
      const before = process.memoryUsage.rss()
      let most = before
      const startedMs = performance.now()
      const file = join(folder, `turns.${format}`)
      const range = { table: 'turns', fromMs: 0, toMs: rows * 1000 } as const
      await writeExport({ range, format, file, resumes: false }, (wanted, after) => {
        most = Math.max(most, process.memoryUsage.rss())
        return exportPage(query, { ...wanted, after, most: exportPageRows })
      })
      const seconds = (performance.now() - startedMs) / 1000
      console.log(
        `${format.padEnd(8)} ${String(rows).padStart(8)} rows  ${(statSync(file).size / 1e6).toFixed(0).padStart(5)} MB  ` +
          `${Math.round(rows / seconds).toLocaleString('en')} rows/s  peak ${Math.round(most / 1e6)} MB, ${Math.round((most - before) / 1e6)} of it for this`,
      )
    }
  }
} finally {
  rmSync(folder, { recursive: true })
  await database.close()
  await postgres.close()
}

/** One turn a second from 1970 on, each with some 1,200 characters. */
async function fill(): Promise<void> {
  const conversation = '019a0000-0000-7000-8000-00000000000a'
  const numbers = sql`generate_series(0, ${rowsInAll - 1}::integer) n`
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
