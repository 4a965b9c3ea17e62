import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { modelMemory } from '../../../src/gateway/fleet/model-memory.ts'
import { FactsCache } from '../../../src/profiles/fit/facts-cache.ts'
import { readGguf } from '../../../src/profiles/fit/read-gguf.ts'
import { tinyGguf } from '../../services/tiny-gguf.ts'
import { profileOf } from '../../support/launch-profile.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const gibibyte = 1024 ** 3
const unsaid = { pools: {} }

function weights(): string {
  const file = join(temporaryFolder(), 'tiny.gguf')
  writeFileSync(file, tinyGguf({ contextLength: 131_072 }))
  return file
}

async function sizeOf(written: Readonly<Record<string, unknown>>, pools: Readonly<Record<string, number>>) {
  const { sizeBytes } = await modelMemory({
    profile: profileOf(written),
    said: unsaid,
    pools,
    facts: new FactsCache(),
  })
  return sizeBytes
}

test('what a model takes grows with its context and its cache, which its weights alone do not tell', async () => {
  const model = weights()
  const pools = { gpu0: 24 * gibibyte }
  const short = await sizeOf({ model, context: 4_096 }, pools)
  const long = await sizeOf({ model, context: 65_536 }, pools)
  const quantised = await sizeOf({ model, context: 65_536, kv_cache: { k: 'q4_0', v: 'q4_0' } }, pools)
  expect(long['gpu0']).toBeGreaterThan(short['gpu0'] ?? 0)
  expect(quantised['gpu0']).toBeLessThan(long['gpu0'] ?? 0)
})

test('layers that stay in RAM take nothing of the GPU, and count in the pool of RAM where there is one', async () => {
  const model = weights()
  const onGpu = await sizeOf({ model, context: 4_096 }, { gpu0: gibibyte, ram: gibibyte })
  const inRam = await sizeOf({ model, context: 4_096, gpu_layers: 0 }, { gpu0: gibibyte, ram: gibibyte })
  expect(inRam['gpu0']).toBe(0)
  expect(inRam['ram']).toBeGreaterThan(onGpu['ram'] ?? 0)
  expect(await sizeOf({ model, context: 4_096, gpu_layers: 0 }, { ram: gibibyte })).toEqual({ ram: inRam['ram'] })
})

test('a model without a context in its profile is not refused for the longest it was trained for', async () => {
  const model = weights()
  const pools = { gpu0: 400 * 1024 ** 2 }
  expect(await sizeOf({ model }, pools)).toEqual(pools)
  expect((await sizeOf({ model, context: 131_072 }, pools))['gpu0']).toBeGreaterThan(pools.gpu0)
})

test('what the operator says counts above all', async () => {
  const question = { profile: profileOf({ model: weights() }), pools: { gpu0: gibibyte }, facts: new FactsCache() }
  const vram = await modelMemory({ ...question, said: { vram: 5, pools: {} } })
  expect(vram.sizeBytes).toEqual({ gpu0: 5 })
  const pools = await modelMemory({ ...question, said: { vram: 5, pools: { gpu1: 7 } } })
  expect(pools.sizeBytes).toEqual({ gpu1: 7 })
})

test('without a header to read it is guessed from the size of the weights', async () => {
  const model = join(temporaryFolder(), 'broken.gguf')
  writeFileSync(model, 'x'.repeat(1_000))
  expect(await sizeOf({ model }, { gpu0: gibibyte })).toEqual({ gpu0: 1_200 })
  expect(await sizeOf({ model: '/nonexistent/model.gguf' }, { gpu0: gibibyte })).toEqual({ gpu0: 0 })
})

test('a vLLM takes the share of its GPU that it is told to, whatever its model', async () => {
  expect(await sizeOf({ engine: 'vllm', model: 'org/name' }, { gpu0: 1_000 })).toEqual({ gpu0: 900 })
  const flags = { 'gpu-memory-utilization': 0.4 }
  expect(await sizeOf({ engine: 'vllm', model: 'org/name', flags }, { gpu0: 1_000 })).toEqual({ gpu0: 400 })
})

test('a header is read once, and again when its file has changed', async () => {
  const file = weights()
  let reads = 0
  const facts = new FactsCache((path) => {
    reads++
    return readGguf(path)
  })
  const first = await facts.facts(file)
  expect(await facts.facts(file)).toBe(first)
  expect(reads).toBe(1)
  utimesSync(file, 0, 0)
  await facts.facts(file)
  expect(reads).toBe(2)
  rmSync(file)
  await expect(facts.facts(file)).rejects.toMatchObject({ code: 'invalid_request' })
})
