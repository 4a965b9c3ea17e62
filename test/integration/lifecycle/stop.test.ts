import { once } from 'node:events'

import { describe, expect, test } from 'vitest'

import type { MemoryProbe } from '../../../src/lifecycle/memory/memory-probe.ts'
import { engine, isRunning, lineOf, quickEngine, supervise } from './engines.ts'

const stopSoon = { signal: 'SIGTERM', timeoutMs: 100 } as const

describe('a stop', () => {
  test('is over when the process is gone and its port is free again (N4.8)', async () => {
    const supervisor = await supervise([engine('ready.mjs')])
    const { pid, url } = await supervisor.ensureReady('tiny')
    await supervisor.stop('tiny')
    expect(isRunning(pid)).toBe(false)
    await expect(fetch(url)).rejects.toThrow('fetch failed')
    expect(supervisor.events.map(({ type }) => type)).toEqual(['loaded', 'stopped'])
  })

  test('kills an engine that does not listen to SIGTERM, after its time (N4.8)', async () => {
    const supervisor = await supervise([engine('ignores-term.mjs', { stop: stopSoon })])
    const { pid } = await supervisor.ensureReady('tiny')
    await supervisor.stop('tiny')
    expect(isRunning(pid)).toBe(false)
    await lineOf(supervisor, 'tiny', /^did not end when asked, and was killed$/)
  })

  test('ends grandchildren too, though the process itself went when asked (N4.8)', async () => {
    const supervisor = await supervise([engine('forks.mjs', { stop: stopSoon })])
    await supervisor.ensureReady('tiny')
    const [, grandchild] = await lineOf(supervisor, 'tiny', /^grandchild (\d+)$/)
    expect(isRunning(Number(grandchild))).toBe(true)
    await supervisor.stop('tiny')
    expect(isRunning(Number(grandchild))).toBe(false)
  })

  test('uses the command of the profile, which knows the process', async () => {
    const stop = { command: ['sh', '-c', 'echo stopping ${PID}; kill -9 $0', '${PID}'], ...stopSoon } as const
    const supervisor = await supervise([engine('ignores-term.mjs', { stop: { ...stop, timeoutMs: 600_000 } })])
    const { pid } = await supervisor.ensureReady('tiny')
    await supervisor.stop('tiny')
    expect(isRunning(pid)).toBe(false)
    await lineOf(supervisor, 'tiny', new RegExp(`^stopping ${pid}$`))
  })

  test.each([
    ['fails', ['false']],
    ['does not exist', ['/nonexistent/stop']],
  ] as const)('whose command %s falls back to the signal', async (_, command) => {
    const supervisor = await supervise([quickEngine({ stop: { command, signal: 'SIGTERM', timeoutMs: 600_000 } })])
    const { pid } = await supervisor.ensureReady('tiny')
    await supervisor.stop('tiny')
    expect(isRunning(pid)).toBe(false)
  })

  test('whose command hangs is bounded, and leaves nothing of the command either', async () => {
    const command = ['sh', '-c', 'echo command $$; exec sleep 600'] as const
    const supervisor = await supervise([quickEngine({ stop: { ...stopSoon, command } })])
    const { pid } = await supervisor.ensureReady('tiny')
    await supervisor.stop('tiny')
    const [, commandPid] = await lineOf(supervisor, 'tiny', /^command (\d+)$/)
    expect([isRunning(pid), isRunning(Number(commandPid))]).toEqual([false, false])
  })

  test('in the middle of a load ends it, and whoever waited is told', async () => {
    const supervisor = await supervise([engine('never-ready.mjs')])
    const waiting = supervisor.ensureReady('tiny')
    supervisor.carryOut({ type: 'stop', model: 'tiny', because: 'nobody waits' })
    await expect(waiting).rejects.toThrow('stopped before it was ready')
    await supervisor.next('stopped')
    expect(supervisor.status()).toMatchObject([{ phase: 'stopped', failures: 0 }])
  })

  test('lets the requests at work end first', async () => {
    const idle = Promise.withResolvers<void>()
    const supervisor = await supervise([quickEngine()], { whenIdle: () => idle.promise })
    const { pid } = await supervisor.ensureReady('tiny')
    const stopping = supervisor.stop('tiny')
    expect(supervisor.status()).toMatchObject([{ phase: 'draining' }])
    expect(supervisor.ready('tiny')).toBeUndefined()
    expect(isRunning(pid)).toBe(true)
    idle.resolve()
    await stopping
    expect(isRunning(pid)).toBe(false)
  })

  test('waits no longer for requests at work than the profile says', async () => {
    const never = (_model: string, signal: AbortSignal): Promise<never> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('no longer')))
      })
    const supervisor = await supervise([quickEngine({ drainTimeoutMs: 30 })], { whenIdle: never })
    await supervisor.ensureReady('tiny')
    await expect(supervisor.stop('tiny')).resolves.toBeUndefined()
  })

  test('of what does not run is done at once, and reported to the scheduler all the same', async () => {
    const supervisor = await supervise([quickEngine()])
    await supervisor.stop('tiny')
    supervisor.carryOut({ type: 'stop', model: 'tiny', because: 'to be sure' })
    supervisor.carryOut({ type: 'stop', model: 'unknown', because: 'to be sure' })
    await supervisor.next('stopped')
    await supervisor.next('stopped')
    await expect(supervisor.next('stopped')).resolves.toMatchObject({ model: 'unknown' })
  })

  test('is not over before the memory has been seen free (N4.8)', async () => {
    const memory = new SteppedMemory()
    const supervisor = await supervise([quickEngine({ pools: ['gpu0'] })], { memoryProbes: { gpu0: memory } })
    const { pid } = await supervisor.ensureReady('tiny')
    memory.heldBytes = 8e9
    const stopping = supervisor.stop('tiny')
    await memory.readAfterEnd(pid)
    expect(supervisor.status()).toMatchObject([{ phase: 'stopping' }])
    expect(supervisor.events.map(({ type }) => type)).toEqual(['loaded'])
    memory.heldBytes = 0
    await stopping
    expect(supervisor.events.map(({ type }) => type)).toEqual(['loaded', 'stopped'])
  })
})

/** A pool that a test empties itself. */
class SteppedMemory implements MemoryProbe {
  heldBytes = 0
  readonly #readers = new Set<() => void>()

  read(): Promise<{ heldBytes: number }> {
    for (const reader of this.#readers) reader()
    return Promise.resolve({ heldBytes: this.heldBytes })
  }

  /** Resolves when it has been asked twice after that process was gone. */
  readAfterEnd(pid: number): Promise<void> {
    return new Promise((resolve) => {
      let reads = 0
      const look = (): void => {
        if (isRunning(pid) || ++reads < 2) return
        this.#readers.delete(look)
        resolve()
      }
      this.#readers.add(look)
    })
  }
}

describe('a start', () => {
  test('that is wanted during a stop brings a fresh process, after the old one is gone', async () => {
    const supervisor = await supervise([engine('ready.mjs')])
    const old = await supervisor.ensureReady('tiny')
    const stopping = supervisor.stop('tiny')
    const fresh = await supervisor.ensureReady('tiny')
    await stopping
    expect(fresh.pid).not.toBe(old.pid)
    expect(isRunning(old.pid)).toBe(false)
    expect(supervisor.events.map(({ type }) => type)).toEqual(['loaded', 'stopped', 'loaded'])
  })

  test('uses the newest configuration, which cuts nothing that runs', async () => {
    const supervisor = await supervise([quickEngine(), quickEngine({ name: 'gone' })])
    const [old] = await Promise.all([supervisor.ensureReady('tiny'), supervisor.ensureReady('gone')])
    expect(supervisor.configure([quickEngine({ env: { NEW: '1' } })])).toEqual(['tiny', 'gone'])
    expect(isRunning(old.pid)).toBe(true)
    await expect(supervisor.ensureReady('gone')).rejects.toMatchObject({ code: 'model_not_found' })
    await supervisor.stopAll()
    expect(supervisor.status()).toHaveLength(1)
    await expect(supervisor.ensureReady('tiny')).resolves.toMatchObject({ plan: { env: { NEW: '1' } } })
    expect(supervisor.configure([quickEngine({ env: { NEW: '1' } })])).toEqual([])
  })
})

describe('an engine that ends unasked', () => {
  test('is reported with its code and last lines, and the next start is a fresh one', async () => {
    const supervisor = await supervise([engine('ready.mjs')])
    const { url, pid } = await supervisor.ensureReady('tiny')
    await expect(fetch(`${url}/crash`)).rejects.toThrow('fetch failed')
    const { failure } = await supervisor.next('crashed')
    expect(failure.exit).toEqual({ code: 3, signal: null })
    expect(failure.lines.at(-1)?.text).toBe('something went wrong in the middle of a reply')
    expect(supervisor.ready('tiny')).toBeUndefined()
    supervisor.carryOut({ type: 'start', model: 'tiny', because: 'somebody waits' })
    await supervisor.next('loaded')
    expect(supervisor.ready('tiny')?.pid).not.toBe(pid)
  })

  test('by a signal is reported with it', async () => {
    const supervisor = await supervise([quickEngine()])
    const { pid } = await supervisor.ensureReady('tiny')
    process.kill(pid, 'SIGKILL')
    const { failure } = await supervisor.next('crashed')
    expect(failure).toMatchObject({ code: 'out_of_memory', exit: { code: null, signal: 'SIGKILL' } })
  })

  test('is told apart from one that only cut a connection, and is known to be gone no later than that was reported', async () => {
    const supervisor = await supervise([engine('ready.mjs')])
    const { url, pid } = await supervisor.ensureReady('tiny')
    expect(await supervisor.hasDied('tiny')).toBe(false)
    await expect(fetch(`${url}/crash`)).rejects.toThrow('fetch failed')
    expect(await supervisor.hasDied('tiny')).toBe(true)
    expect(isRunning(pid)).toBe(false)
    expect(supervisor.events.map(({ type }) => type)).toEqual(['loaded', 'crashed'])
    expect(await supervisor.hasDied('tiny')).toBe(true)
    expect(await supervisor.hasDied('unknown')).toBe(true)
  })

  test('and leaves a grandchild behind takes that with it', async () => {
    const supervisor = await supervise([
      engine('leaves-child.mjs', { stop: { signal: 'SIGTERM', timeoutMs: 600_000 } }),
    ])
    await expect(supervisor.ensureReady('tiny')).rejects.toThrow('could not be loaded')
    const [, grandchild] = await lineOf(supervisor, 'tiny', /^grandchild (\d+)$/)
    expect(isRunning(Number(grandchild))).toBe(false)
  })
})

describe('closing', () => {
  test('ends everything within its bound, is fine twice, and nothing starts after it', async () => {
    const stop = { signal: 'SIGTERM', timeoutMs: 600_000 } as const
    const supervisor = await supervise([engine('ignores-term.mjs', { stop }), quickEngine({ name: 'quick' })])
    const ready = await Promise.all([supervisor.ensureReady('tiny'), supervisor.ensureReady('quick')])
    const closed = supervisor.close({ timeoutMs: 50 })
    await Promise.all([closed, supervisor.close({ timeoutMs: 600_000 })])
    expect(ready.map(({ pid }) => isRunning(pid))).toEqual([false, false])
    await expect(supervisor.ensureReady('tiny')).rejects.toMatchObject({ code: 'shutting_down' })
    supervisor.carryOut({ type: 'start', model: 'tiny', because: 'too late' })
    await expect(supervisor.next('loadFailed')).resolves.toMatchObject({ cause: 'llmr is shutting down.' })
  })

  test('in the middle of a start ends that too', async () => {
    const supervisor = await supervise([engine('never-ready.mjs')])
    const waiting = supervisor.ensureReady('tiny')
    waiting.catch(() => undefined)
    await supervisor.close({ timeoutMs: 0 })
    await expect(waiting).rejects.toThrow('stopped before it was ready')
    expect(supervisor.status()).toMatchObject([{ phase: 'stopped' }])
  })

  test('the process without asking anybody still ends the engines', async () => {
    const { spawn } = await import('node:child_process')
    const program = new URL('exits-at-once.ts', import.meta.url).pathname
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [pid] = (await once(child.stdout, 'data')) as [Buffer]
    await once(child, 'exit')
    await expect.poll(() => isRunning(Number(pid))).toBe(false)
  })
})
