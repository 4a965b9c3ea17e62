import { expect, test } from 'vitest'

import { profileSchema } from '../../../src/config/profile-schema.ts'
import { residencyPlan } from '../../../src/gateway/fleet/managed-models.ts'
import { FactsCache } from '../../../src/profiles/fit/facts-cache.ts'
import { ripe } from '../../../src/scheduling/policies/ripe.ts'
import { parse } from '../../support/problems-of.ts'

async function planOf(profile: string, rest = '') {
  const { config } = parse(`profiles: { mine: {${profile}} }\n${rest}`)
  const plan = await residencyPlan(config, { dataDirectory: '/data', policy: ripe, facts: new FactsCache() })
  const [model] = plan?.models ?? []
  if (plan === undefined || model === undefined) throw new Error('no profile was planned')
  return { ...plan, model }
}

/** All that a profile leads to, as text. */
async function effectOf(profile: string): Promise<string> {
  const { model, preload, scheduler } = await planOf(profile)
  return JSON.stringify({ model, preload, launch: model.launch.planFor(20_000), models: scheduler.models })
}

const llama = 'binary: /no/llama-server, model: /no/weights.gguf'
const vllm = 'engine: vllm, binary: /no/vllm, model: org/name'
const command = 'engine: command, command: [/no/engine]'

/** A profile of the base with a value for the key that is not its default. */
const variations: Readonly<Record<string, readonly [base: string, change: string]>> = {
  engine: ['binary: /no/engine, model: /no/weights.gguf', 'engine: vllm'],
  binary: ['model: /no/weights.gguf', 'binary: /no/llama-server'],
  command: ['engine: command', 'command: [/no/engine]'],
  model: ['binary: /no/llama-server', 'model: /no/weights.gguf'],
  mmproj: [llama, 'mmproj: /no/mmproj.gguf'],
  draft: [llama, 'draft: { model: /no/draft.gguf }'],
  context: [llama, 'context: 4096'],
  parallel: [llama, 'parallel: 3'],
  kv_cache: [llama, 'kv_cache: { k: q8_0 }'],
  gpu_layers: [llama, 'gpu_layers: 7'],
  flags: [llama, 'flags: { threads: 3 }'],
  args: [llama, 'args: [--verbose]'],
  env: [llama, 'env: { A: b }'],
  cwd: [llama, 'cwd: /no'],
  host: [llama, 'host: 0.0.0.0'],
  port: [llama, 'port: 20001'],
  proxy: [command, 'proxy: "http://10.0.0.1:${PORT}"'],
  ready: [llama, 'ready: { path: /ready }'],
  stop: [llama, 'stop: { signal: SIGINT }'],
  log: [llama, 'log: { folder: /no/logs }'],
  sampling: [llama, 'sampling: { temperature: 0.7 }'],
  filters: [llama, 'filters: { strip: [seed] }'],
  use_model_name: [llama, 'use_model_name: other'],
  aliases: [llama, 'aliases: [other]'],
  unlisted: [llama, 'unlisted: true'],
  capabilities: [llama, 'capabilities: [vision]'],
  metadata: [llama, 'metadata: { family: qwen }'],
  ttl: [llama, 'ttl: 5m'],
  minimum_residency: [llama, 'minimum_residency: 1m'],
  concurrency: [llama, 'concurrency: 1'],
  weight: [llama, 'weight: 2'],
  vram: [llama, 'vram: 3GiB'],
  pools: [llama, 'pools: { ram: 3GiB }'],
  pin: [llama, 'pin: true'],
  preload: [llama, 'preload: true'],
  loading_state: [llama, 'loading_state: reasoning'],
  sleep: [vllm, 'sleep: { level: 1 }'],
  save_slots: [llama, 'save_slots: true'],
}

/** For people, or for how profiles are put together; and groups, which are a constraint between profiles. */
const without = ['template', 'extends', 'macros', 'description', 'tags', 'group']

test('every key of a profile has a variation here', () => {
  const keys = Object.keys(profileSchema.shape)
  expect(new Set(keys)).toEqual(new Set([...Object.keys(variations), ...without]))
})

test.each(Object.entries(variations).filter(([key]) => !['binary', 'command', 'model'].includes(key)))(
  '%s changes what is launched, scheduled, listed or sent',
  async (_, [base, change]) => {
    expect(await effectOf(`${base}, ${change}`)).not.toBe(await effectOf(base))
  },
)

test('a name with parameters of its own is an alias, once, and never the name itself', async () => {
  const filters = 'filters: { set_by_name: { thinker: { effort: high }, mine: { effort: low } } }'
  const { model } = await planOf(`${llama}, aliases: [thinker, other], ${filters}`)
  expect(model.aliases).toEqual(['thinker', 'other'])
  expect(model.edits.setByName).toEqual({ thinker: { effort: 'high' }, mine: { effort: 'low' } })
})

test('how waiting is shown is the word of the profile, else that of all', async () => {
  const forAll = 'dialects: { loading_state: status }'
  expect((await planOf(llama)).model.loadingState).toBe('comment')
  expect((await planOf(llama, forAll)).model.loadingState).toBe('status')
  expect((await planOf(`${llama}, loading_state: off`, forAll)).model.loadingState).toBe('off')
})
