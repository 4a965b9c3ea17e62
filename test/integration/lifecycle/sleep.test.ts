import { expect, test } from 'vitest'

import { engine, isRunning, lineOf, supervise } from './engines.ts'

/** All that the engine was told, in order. */
function told(supervisor: Awaited<ReturnType<typeof supervise>>): readonly string[] {
  const lines = supervisor.logs('tiny')?.lines() ?? []
  return lines.flatMap(({ text }) => (text.startsWith('POST ') ? text.slice(5) : []))
}

test.each([
  [1, ['/sleep?level=1', '/wake_up']],
  [2, ['/sleep?level=2', '/wake_up?tags=weights', '/collective_rpc', '/wake_up?tags=kv_cache']],
] as const)(
  'an engine of sleep level %d yields its memory by sleeping, and wakes as the same process',
  async (level, calls) => {
    const supervisor = await supervise([engine('sleeps.mjs', { sleep: { level } })])
    const { pid } = await supervisor.ensureReady('tiny')
    supervisor.carryOut({ type: 'stop', model: 'tiny', because: 'room for another' })
    await supervisor.next('stopped')
    expect(supervisor.status()).toMatchObject([{ phase: 'sleeping', pid }])
    expect(supervisor.ready('tiny')).toBeUndefined()
    supervisor.carryOut({ type: 'start', model: 'tiny', because: 'somebody waits' })
    await supervisor.next('loaded')
    expect(supervisor.ready('tiny')).toMatchObject({ pid })
    await lineOf(supervisor, 'tiny', /wake_up/)
    expect(told(supervisor)).toEqual(calls)
  },
)

test('an engine that says that it is awake all the same is stopped, since its memory is needed', async () => {
  const supervisor = await supervise([engine('sleeps.mjs', { sleep: { level: 1 }, args: ['refuses'] })])
  const { pid } = await supervisor.ensureReady('tiny')
  supervisor.carryOut({ type: 'stop', model: 'tiny', because: 'room for another' })
  await supervisor.next('stopped')
  expect(isRunning(pid)).toBe(false)
  await lineOf(supervisor, 'tiny', /did not fall asleep, and is stopped instead/)
})

test('one that sleeps is ended by a stop, and by the end of llmr', async () => {
  const supervisor = await supervise([engine('sleeps.mjs', { sleep: { level: 1 } })])
  const { pid } = await supervisor.ensureReady('tiny')
  supervisor.carryOut({ type: 'stop', model: 'tiny', because: 'room for another' })
  await supervisor.next('stopped')
  await supervisor.close({ timeoutMs: 5_000 })
  expect(isRunning(pid)).toBe(false)
})
