import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

import { describe, expect, onTestFinished, test } from 'vitest'

import { listen } from '../../support/listen.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { engine, isRunning, lineOf, quickEngine, supervise } from './engines.ts'

describe('a model', () => {
  test('is ready at its first good answer, and its process runs on the port that was leased for it', async () => {
    const supervisor = await supervise([engine('loads.mjs', { args: ['150'] })])
    const ready = await supervisor.ensureReady('tiny')
    expect((await fetch(ready.url)).status).toBe(200)
    expect(ready.loadMs).toBeGreaterThan(150)
    expect(isRunning(ready.pid)).toBe(true)
    expect(supervisor.ready('tiny')).toEqual(ready)
    expect(supervisor.events).toMatchObject([{ type: 'loaded', model: 'tiny' }])
  })

  test('that binds its port only after loading is waited for', async () => {
    const supervisor = await supervise([engine('binds-late.mjs', { args: ['100'] })])
    await expect(supervisor.ensureReady('tiny')).resolves.toMatchObject({ model: 'tiny' })
  })

  test('is started once, however many ask for it', async () => {
    const supervisor = await supervise([engine('ready.mjs')])
    const all = await Promise.all(Array.from({ length: 20 }, () => supervisor.ensureReady('tiny')))
    expect(new Set(all.map(({ pid }) => pid)).size).toBe(1)
  })

  test('started beside others gets a port of its own', async () => {
    const names = ['a', 'b', 'c', 'd']
    const supervisor = await supervise(names.map((name) => quickEngine({ name })))
    const ready = await Promise.all(names.map((name) => supervisor.ensureReady(name)))
    expect(new Set(ready.map(({ url }) => url)).size).toBe(4)
  })

  test('without a readiness address is ready as soon as it runs', async () => {
    const supervisor = await supervise([quickEngine()])
    await expect(supervisor.ensureReady('tiny')).resolves.toMatchObject({ model: 'tiny' })
  })

  test("gets llmr's environment, what its profile adds, and none of llmr's secrets", async () => {
    process.env['LLMR_KEY'] = 'llmr-secret'
    onTestFinished(() => void delete process.env['LLMR_KEY'])
    const supervisor = await supervise([engine('ready.mjs', { env: { ADDED: 'yes' } })])
    const { pid } = await supervisor.ensureReady('tiny')
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
    expect(environment).toContain('ADDED=yes')
    expect(environment).toContain('PATH=')
    expect(environment).not.toContain('llmr-secret')
  })

  test('may be the simulated engine, as a profile would start it', async () => {
    const launch = engine('', { name: 'sim' })
    const program = join(import.meta.dirname, '../../../bin/run.cjs')
    const flags = ['--load-time', '100ms', '--fault', 'ignore-sigterm:times=1']
    const supervisor = await supervise([
      {
        ...launch,
        planFor: (port) => ({
          ...launch.planFor(port),
          argv: [process.execPath, program, 'sim', '--port', String(port), ...flags],
          stop: { signal: 'SIGTERM', timeoutMs: 300 },
        }),
      },
    ])
    const { url, pid } = await supervisor.ensureReady('sim')
    expect((await fetch(`${url}/props`)).status).toBe(200)
    await supervisor.stop('sim')
    expect(isRunning(pid)).toBe(false)
    await lineOf(supervisor, 'sim', /SIGTERM ignored, as a fault asks/)
  })

  test('that is not known is refused', async () => {
    const supervisor = await supervise([])
    await expect(supervisor.ensureReady('tiny')).rejects.toMatchObject({ code: 'model_not_found' })
    supervisor.carryOut({ type: 'start', model: 'tiny', because: 'wanted' })
    await expect(supervisor.next('loadFailed')).resolves.toMatchObject({ isRetryable: false })
  })
})

describe('a load that fails', () => {
  test('does so as soon as the process has exited, with its code, its last lines and the cause (N4.7)', async () => {
    const supervisor = await supervise([engine('crashes-at-load.sh', { readyTimeoutMs: 600_000 })])
    await expect(supervisor.ensureReady('tiny')).rejects.toMatchObject({
      code: 'no_backend_available',
      message: 'tiny could not be loaded (out_of_gpu_memory): The model does not fit in the free memory of the GPU.',
    })
    const { failure } = await supervisor.next('loadFailed')
    expect(failure.exit).toEqual({ code: 1, signal: null })
    expect(failure.lines.map(({ text }) => text)).toContain(
      'llama_model_load: error loading model: unable to allocate CUDA0 buffer',
    )
    expect(supervisor.status()).toMatchObject([{ phase: 'failed', failures: 1 }])
  })

  test('may be tried again by the scheduler, but not without end: the second failure in a row refuses whoever waits', async () => {
    const supervisor = await supervise([engine('crashes-at-load.sh')])
    const outcomes = []
    for (let count = 0; count < 3; count++) {
      supervisor.carryOut({ type: 'start', model: 'tiny', because: 'wanted' })
      outcomes.push(await supervisor.next('loadFailed'))
    }
    expect(outcomes.map(({ isRetryable }) => isRetryable)).toEqual([true, false, false])
    const [first = 0, second = 0, third = 0] = outcomes.map(({ retryAtMs }) => retryAtMs)
    expect(second - first).toBeGreaterThan(1_000)
    expect(third - second).toBeGreaterThan(2_000)
  })

  test('after a crash of the running engine is the first of its kind: who waits is given a second', async () => {
    const mark = join(temporaryFolder(), 'has-loaded')
    const supervisor = await supervise([engine('loads-once.mjs', { args: [mark] })])
    const { pid } = await supervisor.ensureReady('tiny')
    process.kill(pid, 'SIGKILL')
    await supervisor.next('crashed')
    const outcomes = []
    for (let count = 0; count < 2; count++) {
      supervisor.carryOut({ type: 'start', model: 'tiny', because: 'wanted' })
      outcomes.push(await supervisor.next('loadFailed'))
    }
    expect(outcomes.map(({ isRetryable }) => isRetryable)).toEqual([true, false])
  })

  test('refuses at once whoever asks before the next try, and says when to come back; status can always be asked (N4.12)', async () => {
    const supervisor = await supervise([engine('crashes-at-load.sh')])
    await expect(supervisor.ensureReady('tiny')).rejects.toThrow('could not be loaded')
    await expect(supervisor.ensureReady('tiny')).rejects.toMatchObject({ facts: { retryAfterSeconds: 1 } })
    expect(supervisor.events).toHaveLength(1)
    expect(supervisor.status()).toMatchObject([{ phase: 'failed', lastFailure: { code: 'out_of_gpu_memory' } }])
  })

  test('for want of time ends the process', async () => {
    const supervisor = await supervise([engine('never-ready.mjs', { readyTimeoutMs: 400 })])
    await expect(supervisor.ensureReady('tiny')).rejects.toThrow('ready_timeout')
    expect(supervisor.status()[0]).not.toHaveProperty('pid')
  })

  test('because there is no such program says so', async () => {
    const supervisor = await supervise([engine('ready.mjs', { argv: ['/nonexistent/llama-server'] })])
    await expect(supervisor.ensureReady('tiny')).rejects.toThrow('missing_program')
    const { failure, isRetryable } = await supervisor.next('loadFailed')
    expect(failure.advice).toContain('/nonexistent/llama-server')
    expect(isRetryable).toBe(false)
  })

  test('because its port is taken is told before anything is started, and no stranger is taken for it (N4.4)', async () => {
    const stranger = await listen(createServer((_, response) => response.end('{}')))
    onTestFinished(stranger.close)
    const supervisor = await supervise([engine('ready.mjs', { fixedPort: stranger.port })])
    await expect(supervisor.ensureReady('tiny')).rejects.toThrow('port_taken')
    expect(supervisor.logs('tiny')?.lines()).toEqual([])
  })
})

describe("an engine's output", () => {
  test('is kept in a file that only its owner reads, and in memory (N4.6)', async () => {
    const folder = join(temporaryFolder(), 'logs')
    const supervisor = await supervise([engine('ready.mjs', { name: 'org/tiny:q4', log: { folder } })])
    await supervisor.ensureReady('org/tiny:q4')
    await lineOf(supervisor, 'org/tiny:q4', /^listening$/)
    const file = supervisor.status()[0]?.logFile ?? ''
    expect(file).toMatch(/\/logs\/org_tiny_q4-[0-9a-f]{8}\.log$/)
    await supervisor.stop('org/tiny:q4')
    expect(readFileSync(file, 'utf8')).toBe('listening\n')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('goes to the data folder when the folder asked for cannot be written, and it says so (N4.6)', async () => {
    const notAFolder = join(temporaryFolder(), 'file')
    writeFileSync(notAFolder, '')
    const supervisor = await supervise([quickEngine({ log: { folder: notAFolder } })])
    await supervisor.ensureReady('tiny')
    const file = join(supervisor.dataDirectory, 'logs', 'tiny.log')
    expect(supervisor.status()[0]?.logFile).toBe(file)
    await lineOf(supervisor, 'tiny', new RegExp(`output is kept in ${file}: ${notAFolder}`))
  })

  test('stays in memory alone when nothing can be written, and the model still loads', async () => {
    const dataDirectory = temporaryFolder()
    writeFileSync(join(dataDirectory, 'logs'), '')
    writeFileSync(join(dataDirectory, 'engines'), '')
    const supervisor = await supervise([engine('ready.mjs')], { dataDirectory })
    await supervisor.ensureReady('tiny')
    await lineOf(supervisor, 'tiny', /^listening$/)
    await lineOf(supervisor, 'tiny', /output is kept in memory alone/)
    expect(supervisor.status()[0]).not.toHaveProperty('logFile')
  })

  test('of megabytes never holds the engine up, and memory keeps the end of it', async () => {
    const supervisor = await supervise([engine('chatters.mjs')], { logSizeMax: 100_000 })
    await supervisor.ensureReady('tiny')
    await lineOf(supervisor, 'tiny', /^the last line$/)
    const kept = supervisor.logs('tiny')?.lines() ?? []
    expect(kept.reduce((size, { text }) => size + text.length, 0)).toBeLessThan(100_000)
  })

  test('of the run before is kept beside that of this one', async () => {
    const supervisor = await supervise([engine('ready.mjs')])
    mkdirSync(join(supervisor.dataDirectory, 'logs'), { recursive: true })
    await supervisor.ensureReady('tiny')
    await supervisor.stop('tiny')
    await supervisor.ensureReady('tiny')
    expect(readFileSync(join(supervisor.dataDirectory, 'logs', 'tiny.1.log'), 'utf8')).toBe('listening\n')
  })
})
