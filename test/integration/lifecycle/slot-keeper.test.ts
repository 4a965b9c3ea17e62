import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, onTestFinished, test } from 'vitest'

import { silentLogger } from '../../../src/core/logger.ts'
import { openEngineConnection } from '../../../src/lifecycle/engine-connection.ts'
import { SlotKeeper } from '../../../src/lifecycle/slots/slot-keeper.ts'
import type { SlotKeeperOptions } from '../../../src/lifecycle/slots/slot-keeper.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const owner = { model: 'tiny', command: '/opt/llama-server -m tiny.gguf' }
const awaited: ReadonlySet<string> = new Set()
const { signal } = new AbortController()

async function start(options: Partial<SlotKeeperOptions> = {}) {
  const folder = options.folder ?? temporaryFolder()
  const keeper = await SlotKeeper.open({
    bytesMax: 1e9,
    logger: silentLogger,
    // As if computing were slow: every restore is worth while.
    speeds: { diskBytesPerSecond: 1e12, prefillTokensPerSecond: 1 },
    ...options,
    folder,
  })
  return { folder, keeper, files: () => readdirSync(folder) }
}

/** An engine whose slot 0 holds a conversation. */
async function warmEngine(slotSavePath: string | undefined) {
  const engine = await startSimulatedEngine({
    timeScale: 0,
    slots: 4,
    ...(slotSavePath !== undefined && { slotSavePath }),
  })
  const connection = openEngineConnection({ name: 'tiny', url: engine.url })
  onTestFinished(async () => {
    await connection.destroy()
    await engine.close()
  })
  await prompt(engine.url)
  return { url: engine.url, connection }
}

async function prompt(url: string): Promise<{ readonly cache_n: number; readonly prompt_n: number }> {
  const response = await fetch(`${url}/completion`, {
    method: 'POST',
    body: JSON.stringify({ prompt: 'word '.repeat(200), n_predict: 1, id_slot: 0, cache_prompt: true }),
  })
  const { timings } = (await response.json()) as { timings: { cache_n: number; prompt_n: number } }
  return timings
}

const slots = [{ slotId: 0, conversation: 'talk', lastUse: 1 }]

describe('what an engine has read of a conversation', () => {
  test('comes back in a fresh engine, whose first request finds it', async () => {
    const { folder, keeper } = await start()
    const old = await warmEngine(folder)
    await keeper.save({ connection: old.connection, owner, slots, signal })

    const fresh = await startSimulatedEngine({ timeScale: 0, slots: 4, slotSavePath: folder })
    const connection = openEngineConnection({ name: 'tiny', url: fresh.url })
    onTestFinished(async () => {
      await connection.destroy()
      await fresh.close()
    })
    const restored = await keeper.restore({ connection, owner, awaited, signal })
    expect(restored).toEqual([{ slotId: 0, conversation: 'talk', tokens: expect.any(Number) }])
    const { cache_n: cachedTokens } = await prompt(fresh.url)
    expect(cachedTokens).toBeGreaterThan(190)
  })

  test('is readable to the operator alone, and deleted after use', async () => {
    const folder = temporaryFolder()
    chmodSync(folder, 0o755)
    const { keeper, files } = await start({ folder })
    const { connection } = await warmEngine(folder)
    await keeper.save({ connection, owner, slots, signal })
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(files().map((file) => statSync(join(folder, file)).mode & 0o777)).toEqual([0o600])
    await keeper.restore({ connection, owner, awaited, signal })
    expect(files()).toEqual([])
  })

  test('is given back to the same model in the same build alone', async () => {
    const { folder, keeper, files } = await start()
    const { connection } = await warmEngine(folder)
    await keeper.save({ connection, owner, slots, signal })
    expect(await keeper.restore({ connection, owner: { ...owner, model: 'other' }, awaited, signal })).toEqual([])
    expect(await keeper.restore({ connection, owner, awaited, signal })).toHaveLength(1)
    await keeper.save({ connection, owner, slots, signal })
    const rebuilt = { ...owner, command: '/other -m tiny.gguf' }
    expect(await keeper.restore({ connection, owner: rebuilt, awaited, signal })).toEqual([])
    expect(files()).toEqual([])
  })

  test('is not kept beyond the bound: the oldest goes', async () => {
    const folder = temporaryFolder()
    const { connection } = await warmEngine(folder)
    const first = await start({ folder })
    await first.keeper.save({ connection, owner, slots, signal })
    const [size = 0] = first.files().map((file) => statSync(join(folder, file)).size)

    const { keeper, files } = await start({ folder, bytesMax: size * 1.5 })
    await keeper.save({ connection, owner, slots: [{ slotId: 0, conversation: 'older', lastUse: 1 }], signal })
    await keeper.save({ connection, owner, slots: [{ slotId: 0, conversation: 'newer', lastUse: 2 }], signal })
    expect(files()).toHaveLength(1)
    expect(await keeper.restore({ connection, owner, awaited, signal })).toMatchObject([{ conversation: 'newer' }])
  })

  test('is not kept when reading it back would take longer than computing it, nor when there is nothing', async () => {
    const speeds = { diskBytesPerSecond: 1, prefillTokensPerSecond: 1e9 }
    const { folder, keeper, files } = await start({ speeds })
    const { connection } = await warmEngine(folder)
    await keeper.save({
      connection,
      owner,
      slots: [...slots, { slotId: 1, conversation: 'empty', lastUse: 2 }],
      signal,
    })
    expect(files()).toEqual([])
  })

  test('does not survive llmr', async () => {
    const { folder, keeper, files } = await start()
    writeFileSync(join(folder, 'left-over.slot'), 'a conversation')
    const next = await start({ folder })
    expect(files()).toEqual([])
    const { connection } = await warmEngine(folder)
    await next.keeper.save({ connection, owner, slots, signal })
    await next.keeper.close()
    await keeper.close()
    expect(files()).toEqual([])
  })
})

describe('saving', () => {
  test('ends by itself after two restores that were of no use, for that engine and model alone', async () => {
    const { folder, keeper, files } = await start()
    const missed = { restoredTokens: 1_000, promptTokens: 1_000, cachedTokens: 0 }
    keeper.observe(owner, missed)
    keeper.observe(owner, { ...missed, cachedTokens: 990 })
    keeper.observe(owner, missed)
    expect(keeper.isOn(owner)).toBe(true)
    keeper.observe(owner, missed)
    expect(keeper.isOn(owner)).toBe(false)
    expect(keeper.isOn({ ...owner, model: 'other' })).toBe(true)
    const { connection } = await warmEngine(folder)
    await keeper.save({ connection, owner, slots, signal })
    expect(files()).toEqual([])
  })

  test('in an engine that was not started for it harms nobody', async () => {
    const { keeper, files } = await start()
    const { connection } = await warmEngine(undefined)
    await keeper.save({ connection, owner, slots, signal })
    expect(files()).toEqual([])
  })

  test('of what the engine then cannot read counts as of no use, and is deleted', async () => {
    const { folder, keeper, files } = await start()
    const { connection } = await warmEngine(folder)
    for (let count = 0; count < 2; count++) {
      await keeper.save({ connection, owner, slots, signal })
      for (const file of files()) writeFileSync(join(folder, file), 'torn')
      expect(await keeper.restore({ connection, owner, awaited, signal })).toEqual([])
    }
    expect(files()).toEqual([])
    expect(keeper.isOn(owner)).toBe(false)
  })
})
