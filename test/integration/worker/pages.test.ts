import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Client } from 'pg'
import { afterAll, afterEach, describe, expect, test } from 'vitest'

import { realNats } from '../../services/nats.ts'
import { realPostgres } from '../../services/postgres.ts'
import { fakeDimensions, startFakeEmbedder } from '../../support/fake-embedder.ts'
import { keepRound } from '../../support/kept-rounds.ts'
import { type LlmrProcess, startWorkerProcess } from '../../support/llmr-process.ts'
import { runLlmr } from '../../support/run-llmr.ts'
import { type StallingProxy, stallingProxy } from '../../support/stalling-proxy.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestStore, postgresqlAt } from '../store/places.ts'

const [nats, postgres] = await Promise.all([realNats(), realPostgres()])
const skip = 'skip' in nats ? nats.skip : 'skip' in postgres ? postgres.skip : undefined

describe.skipIf(skip !== undefined)('a worker as a process of its own', () => {
  const workers: LlmrProcess[] = []
  const ways: StallingProxy[] = []

  afterEach(async () => {
    for (const { process: child } of workers.splice(0)) child.kill('SIGKILL')
    for (const way of ways.splice(0)) await way.close()
  })

  afterAll(async () => {
    if (!('skip' in nats)) await nats.close()
    if (!('skip' in postgres)) await postgres.close()
  })

  async function database(): Promise<string> {
    if ('skip' in postgres) throw new Error(skip)
    return postgres.createDatabase()
  }

  /** The same address by a way that can be cut. */
  async function wayTo(address: string): Promise<{ readonly address: string; readonly way: StallingProxy }> {
    const url = new URL(address)
    const way = await stallingProxy({ host: url.hostname, port: Number(url.port) })
    ways.push(way)
    url.host = `127.0.0.1:${way.port}`
    return { address: url.href, way }
  }

  async function start(
    name: string,
    { env, args = [], yaml = 'memory: on' }: { env: NodeJS.ProcessEnv; args?: readonly string[]; yaml?: string },
  ): Promise<LlmrProcess> {
    const folder = temporaryFolder()
    const file = join(folder, 'llmr.yaml')
    writeFileSync(file, yaml)
    const worker = await startWorkerProcess(name, {
      args: ['--data', folder, ...args],
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', LLMR_CONFIG: file, ...env },
    })
    workers.push(worker)
    return worker
  }

  async function ask(worker: LlmrProcess, path: string, headers: Record<string, string> = {}) {
    const reply = await fetch(`${worker.url}${path}`, { headers })
    return { status: reply.status, text: await reply.text() }
  }

  /** There is no event for somebody who looks from outside. */
  async function ready(worker: LlmrProcess, status: number, reason = ''): Promise<void> {
    await expect
      .poll(() => ask(worker, '/readyz'), { timeout: 20_000, interval: 50 })
      .toEqual({ status, text: expect.stringContaining(reason) })
  }

  test('is alive whatever is away, and ready only while its database and its bus answer', async () => {
    if ('skip' in nats) throw new Error(skip)
    const toDatabase = await wayTo(await database())
    const toBus = await wayTo(nats.url)
    const worker = await start('persist', { env: { DATABASE_URL: toDatabase.address, NATS_URL: toBus.address } })
    await ready(worker, 200, '"ready"')
    toDatabase.way.stall()
    await ready(worker, 503, 'the database does not answer')
    expect(await ask(worker, '/healthz')).toMatchObject({ status: 200, text: expect.stringContaining('"persist"') })
    toDatabase.way.resume()
    await ready(worker, 200)
    toBus.way.stall()
    await ready(worker, 503, 'the bus does not answer')
    expect((await ask(worker, '/healthz')).status).toBe(200)
    toBus.way.resume()
    await ready(worker, 200)
    expect(await worker.close()).toBe(0)
  }, 60_000)

  test('shows others its figures for a key of the scope metrics alone, and why it is not ready likewise', async () => {
    const worker = await start('persist', { args: ['--host', '0.0.0.0'], env: { DATABASE_URL: await database() } })
    await worker.logged('which travels unencrypted')
    const elsewhere = { 'x-forwarded-for': '192.0.2.7' }
    const url = worker.url.replace('0.0.0.0', '127.0.0.1')
    const here = { ...worker, url }
    expect(await ask(here, '/metrics', elsewhere)).toMatchObject({
      status: 401,
      text: expect.stringContaining('llmr keys create'),
    })
    expect(await ask(here, '/metrics')).toMatchObject({
      status: 200,
      text: expect.stringMatching(/llmr_worker_up\{worker="persist"\} 1\n[^]*process_resident_memory_bytes /),
    })
    expect((await ask(here, '/readyz', elsewhere)).text).not.toContain('reasons')
    const data = /--data (\S+)/.exec(worker.process.spawnargs.join(' '))?.[1] ?? ''
    const key = async (name: string, ...scope: string[]) => {
      const { stdout } = await runLlmr(['keys', 'create', name, '--data', data, '--json', ...scope])
      return { ...elsewhere, authorization: `Bearer ${String(Reflect.get(JSON.parse(stdout) as object, 'key'))}` }
    }
    expect((await ask(here, '/metrics', await key('talks'))).status).toBe(403)
    const mayLook = await key('prometheus', '--scope', 'metrics')
    expect((await ask(here, '/metrics', mayLook)).status).toBe(200)
    await runLlmr(['keys', 'revoke', 'prometheus', '--data', data])
    expect((await ask(here, '/metrics', mayLook)).status).toBe(401)
    expect((await ask(here, '/healthz', elsewhere)).status).toBe(200)
    expect((await ask(here, '/', elsewhere)).status).toBe(404)
  }, 60_000)

  /** A worker whose batch cannot end: somebody else holds the table that it writes. */
  async function startHeld(shutdownTimeoutS: number) {
    const databaseUrl = await database()
    const store = await openTestStore(postgresqlAt(databaseUrl))
    await keepRound(store, { requestId: 'r', userText: 'Asked.', replyText: 'Said.' })
    await store.close()
    const model = await startFakeEmbedder()
    const yaml = `memory: {keep: on, embeddings: {model: m, url: '${model.url}', dimensions: ${fakeDimensions}}}`
    const options = { env: { DATABASE_URL: databaseUrl }, yaml }
    const holder = new Client({ connectionString: databaseUrl })
    await holder.connect()
    await holder.query('begin; lock table llmr.embedding in access exclusive mode')
    const worker = await start('embed', { ...options, args: ['--shutdown-timeout', String(shutdownTimeoutS)] })
    const waiting = `select 1 from pg_locks where not granted and relation = 'llmr.embedding'::regclass`
    await expect
      .poll(async () => (await holder.query(waiting)).rowCount, { timeout: 20_000, interval: 50 })
      .toBeGreaterThan(0)
    worker.process.kill('SIGTERM')
    await worker.logged('shutting down')
    return {
      worker,
      options,
      letGo: () => holder.end(),
      [Symbol.asyncDispose]: async () => {
        await holder.end()
        await model[Symbol.asyncDispose]()
      },
    }
  }

  test('that is told to end says that it is not ready, ends although its database hangs, and the next does what it was at', async () => {
    await using held = await startHeld(2)
    await ready(held.worker, 503, 'it was told to end')
    expect((await ask(held.worker, '/healthz')).status).toBe(200)
    await once(held.worker.process, 'exit')
    await held.letGo()
    const heir = await start('embed', held.options)
    await expect
      .poll(async () => (await ask(heir, '/metrics')).text, { timeout: 40_000, interval: 100 })
      .toContain('llmr_worker_events_done_total{worker="embed"} 1')
    expect(await heir.close()).toBe(0)
  }, 90_000)

  test('ends at once at a second signal', async () => {
    await using held = await startHeld(3_600)
    const ended = once(held.worker.process, 'exit')
    held.worker.process.kill('SIGINT')
    expect(await ended).toEqual([130, null])
  }, 60_000)
})
