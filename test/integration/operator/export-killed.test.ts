import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'

import { silentLogger } from '../../../src/core/logger.ts'
import { ensureSchema } from '../../../src/store/migrations/ensure-schema.ts'
import { openDatabase, type StoreLocation } from '../../../src/store/open-database.ts'
import { runLlmr } from '../../support/run-llmr.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { engines } from '../store/engines.ts'

const program = join(import.meta.dirname, '../../../bin/run.cjs')
const rowsInAll = 20_000

async function fill(location: StoreLocation): Promise<void> {
  const database = await openDatabase(location, silentLogger)
  await ensureSchema(database, { location, migrates: true, llmrVersion: '0', logger: silentLogger })
  await sql`insert into llmr.flow (request_id, correlation_id, tenant, principal, operation, status, started_at, duration_ms, steps, edges,
      expires_at)
    select 'request-' || lpad(n::text, 6, '0'), 'c', 'acme', 'ada', 'chat', 200, to_timestamp(1700000000 + n), 5, '[]', '[]', now()
    from generate_series(0, ${rowsInAll - 1}::integer) n`.execute(database.query)
  await database.close()
}

describe.for(engines)('an export from $name', ({ skip, emptyPlace }) => {
  test.skipIf(skip)('that is killed goes on without a gap and without a row twice', { timeout: 120_000 }, async () => {
    const location = await emptyPlace()
    await fill(location)
    const env =
      location.engine === 'pglite' ? { LLMR_DATA: location.dataDirectory } : { DATABASE_URL: location.databaseUrl }
    const file = join(temporaryFolder(), 'flows.jsonl')
    const args = ['export', 'flows', '--out', file, '--resume']

    await killAt(args, env, `${file}.state`)
    expect(existsSync(file)).toBe(false)
    const other = await runLlmr(['export', 'turns', ...args.slice(2)], { env })
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('is an export of flows as jsonl') })
    expect(await runLlmr(args, { env })).toMatchObject({ code: 0, stdout: `${file}\n` })

    const ids = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { request_id: string }).request_id)
    expect(ids).toEqual(Array.from({ length: rowsInAll }, (_, n) => `request-${String(n).padStart(6, '0')}`))
    expect(existsSync(`${file}.part`) || existsSync(`${file}.state`)).toBe(false)
  })
})

/** Kills the program as soon as that file is there. */
async function killAt(args: readonly string[], env: NodeJS.ProcessEnv, file: string): Promise<void> {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: 'ignore',
  })
  const exited = once(child, 'exit')
  await expect.poll(() => existsSync(file), { timeout: 60_000, interval: 5 }).toBe(true)
  child.kill('SIGKILL')
  expect(await exited).toEqual([null, 'SIGKILL'])
}
