import { spawn, execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { Client } from 'pg'

import { listen } from '../support/listen.ts'

export interface RunningPostgres {
  /** Makes an empty database and resolves to its address. */
  createDatabase(): Promise<string>
  /** Takes away the databases it made, and the server if it was started for this. May be called twice. */
  close(): Promise<void>
}

/** Fetching takes ten seconds; a mirror that hangs must not hang the tests. */
const fetchTimeoutMs = 110_000

const startTimeoutMs = 60_000

const script = join(import.meta.dirname, 'postgres.sh')

/**
 * A real PostgreSQL with pgvector: the one that `DATABASE_URL` names, or one that is fetched where that is allowed and
 * started for this, or the reason why there is none. With `LLMR_TEST_REQUIRE=all` a reason is not good enough and becomes
 * an error.
 */
export async function realPostgres(): Promise<RunningPostgres | { readonly skip: string }> {
  const named = process.env['DATABASE_URL']
  if (named) return databasesOn(named, () => Promise.resolve())
  try {
    const { stdout } = await promisify(execFile)('bash', [script, 'fetch'], { timeout: fetchTimeoutMs })
    const { url, stop } = await startServer(stdout.trim())
    return databasesOn(url, stop)
  } catch (error) {
    if (process.env['LLMR_TEST_REQUIRE'] === 'all') throw error
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
    return { skip: stderr.split('\n').at(-1) || String(error) }
  }
}

function databasesOn(serverUrl: string, stop: () => Promise<void>): RunningPostgres {
  const made: string[] = []
  return {
    async createDatabase() {
      const name = `llmr_test_${randomBytes(6).toString('hex')}`
      await run(serverUrl, `create database ${name}`)
      made.push(name)
      const url = new URL(serverUrl)
      url.pathname = `/${name}`
      return url.href
    },
    async close() {
      for (const name of made.splice(0)) await run(serverUrl, `drop database if exists ${name} with (force)`)
      await stop()
    },
  }
}

async function run(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(statement)
  await client.end()
}

async function startServer(folder: string): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const { port, close } = await listen(createServer())
  await close()
  const child = spawn('bash', [script, 'run', folder, String(port)], { stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = once(child, 'exit')
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  createInterface(child.stdout).on('line', (line) => line === 'ready' && resolve())
  const timer = setTimeout(
    () => reject(new Error(`PostgreSQL was not ready after ${startTimeoutMs} ms`)),
    startTimeoutMs,
  )
  child.once('exit', (code) => reject(new Error(`PostgreSQL ended with ${code} before it was ready`)))
  child.once('error', reject)
  try {
    await promise
  } finally {
    clearTimeout(timer)
  }
  const stop = async (): Promise<void> => {
    child.stdin.end()
    await ended
  }
  return { url: `postgresql://llmr:llmr@127.0.0.1:${port}/postgres`, stop }
}
