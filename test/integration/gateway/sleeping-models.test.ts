import { join } from 'node:path'

import { expect, test } from 'vitest'

import { backendKinds } from '../../../src/backends/backend-kinds.ts'
import { parseConfig } from '../../../src/config/parse-config.ts'
import { residencyPlan } from '../../../src/gateway/fleet/managed-models.ts'
import { FactsCache } from '../../../src/profiles/fit/facts-cache.ts'
import { ripe } from '../../../src/scheduling/policies/ripe.ts'
import { eventsOf, postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()
const binary = join(import.meta.dirname, '../../fixtures/processes/vllm.mjs')

/** Profiles of vLLM as an operator writes them, on a GPU of 24 GiB. */
async function start(profiles: Readonly<Record<string, string>>): Promise<TestGateway> {
  const dataDirectory = temporaryFolder()
  const text = `
profiles:
  base: { template: true, engine: vllm, binary: "${binary}", model: org/name, loading_state: off }
${Object.entries(profiles)
  .map(([name, profile]) => `  ${name}: { extends: base, ${profile} }`)
  .join('\n')}
scheduling: { pools: { gpu9: 24GiB } }
`
  const { config } = parseConfig({ text, file: 'llmr.yaml', backendKinds, env: process.env })
  const plan = await residencyPlan(config, { dataDirectory, policy: ripe, facts: new FactsCache() })
  // The GPU of this test is on paper.
  return keep(await startTestGateway(text, { dataDirectory, residency: { ...plan!, memoryProbes: {} } }))
}

async function ask(gateway: TestGateway, model: string): Promise<unknown> {
  return (await eventsOf(await postChat(gateway.url, { model, stream: true }))).at(-1)
}

function standing(gateway: TestGateway, name: string) {
  const snapshot = gateway.residency()!.snapshot()
  return {
    pid: gateway
      .residency()!
      .status()
      .find(({ model }) => model === name)?.pid,
    isAsleep: snapshot.models.find((model) => model.name === name)?.isAsleep ?? false,
    usedGiB: (snapshot.pools[0]?.usedBytes ?? 0) / 1024 ** 3,
  }
}

function told(gateway: TestGateway, name: string): readonly string[] {
  return (gateway.residency()!.logs(name)?.lines() ?? []).flatMap(({ text }) =>
    text.startsWith('POST ') ? text.slice(5) : [],
  )
}

test.each([
  [1, ['/sleep?level=1', '/wake_up']],
  [2, ['/sleep?level=2', '/wake_up?tags=weights', '/collective_rpc', '/wake_up?tags=kv_cache']],
] as const)(
  'a swap puts a model of sleep level %d to sleep and wakes it, with what it still holds counted',
  async (level, calls) => {
    const gateway = await start({
      sleeper: `vram: 20GiB, sleep: { level: ${level}, vram: 2GiB }`,
      other: 'vram: 20GiB',
    })
    expect(await ask(gateway, 'sleeper')).toBe('[DONE]')
    const { pid } = standing(gateway, 'sleeper')
    expect(await ask(gateway, 'other')).toBe('[DONE]')
    expect(standing(gateway, 'sleeper')).toEqual({ pid, isAsleep: true, usedGiB: 22 })
    expect(await ask(gateway, 'sleeper')).toBe('[DONE]')
    expect(standing(gateway, 'sleeper')).toEqual({ pid, isAsleep: false, usedGiB: 20 })
    expect(told(gateway, 'sleeper')).toEqual(calls)
  },
)

test('what runs on it ends before it falls asleep: its sleep would cut it off', async () => {
  const gateway = await start({
    sleeper: 'vram: 20GiB, sleep: { level: 1 }, env: { WORDS: "40" }',
    other: 'vram: 20GiB',
  })
  const stream = await postChat(gateway.url, { model: 'sleeper', stream: true })
  const other = ask(gateway, 'other')
  expect((await eventsOf(stream)).at(-1)).toBe('[DONE]')
  expect(await other).toBe('[DONE]')
  expect(standing(gateway, 'sleeper').isAsleep).toBe(true)
})

test('a sleeping model is ended where what it still holds is needed', async () => {
  const gateway = await start({ sleeper: 'vram: 20GiB, sleep: { level: 1, vram: 2GiB }', large: 'vram: 23GiB' })
  await ask(gateway, 'sleeper')
  const { pid } = standing(gateway, 'sleeper')
  expect(await ask(gateway, 'large')).toBe('[DONE]')
  expect(standing(gateway, 'sleeper')).toEqual({ pid: undefined, isAsleep: false, usedGiB: 23 })
  expect(() => process.kill(pid!, 0)).toThrow(/ESRCH/)
})

test('an operator who unloads a model wants all of its memory back, awake or asleep', async () => {
  const gateway = await start({ sleeper: 'vram: 20GiB, sleep: { level: 1 }', other: 'vram: 20GiB' })
  const residency = gateway.residency()!
  await ask(gateway, 'sleeper')
  await residency.unload('sleeper')
  expect(standing(gateway, 'sleeper')).toEqual({ pid: undefined, isAsleep: false, usedGiB: 0 })
  await ask(gateway, 'sleeper')
  await ask(gateway, 'other')
  expect(standing(gateway, 'sleeper').isAsleep).toBe(true)
  await residency.unload('sleeper')
  expect(standing(gateway, 'sleeper')).toEqual({ pid: undefined, isAsleep: false, usedGiB: 20 })
})

test('an unload of a model that is falling asleep ends when its process has ended', async () => {
  const gateway = await start({
    sleeper: 'vram: 20GiB, sleep: { level: 1 }, env: { SLEEP_MS: "300" }',
    other: 'vram: 20GiB',
  })
  const residency = gateway.residency()!
  await ask(gateway, 'sleeper')
  const { pid } = standing(gateway, 'sleeper')
  const other = ask(gateway, 'other')
  const phase = () => residency.status().find(({ model }) => model === 'sleeper')?.phase
  await expect.poll(phase, { timeout: 20_000, interval: 10 }).toBe('sleeping')
  await residency.unload('sleeper')
  expect(() => process.kill(pid!, 0)).toThrow(/ESRCH/)
  expect(await other).toBe('[DONE]')
})

test('a sleeping model that is taken out of the configuration is ended', async () => {
  const gateway = await start({ sleeper: 'vram: 20GiB, sleep: { level: 1 }', other: 'vram: 20GiB' })
  await ask(gateway, 'sleeper')
  await ask(gateway, 'other')
  const { pid } = standing(gateway, 'sleeper')
  await gateway.reconfigure('')
  await expect.poll(() => gateway.residency()!.status()).toEqual([])
  expect(() => process.kill(pid!, 0)).toThrow(/ESRCH/)
})
