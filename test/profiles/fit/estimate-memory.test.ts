import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { estimateMemory } from '../../../src/profiles/fit/estimate-memory.ts'
import type { FitSettings } from '../../../src/profiles/fit/estimate-memory.ts'
import { fitReport, fitSettings } from '../../../src/profiles/fit/fit-report.ts'
import { modelFacts } from '../../../src/profiles/fit/gguf-facts.ts'
import { isFitting, suggestFit } from '../../../src/profiles/fit/suggest-fit.ts'
import type { LayerFacts, ModelFacts } from '../../../src/profiles/fit/model-facts.ts'
import { profileOf } from '../../support/launch-profile.ts'

const gib = 1024 ** 3

const layer: LayerFacts = {
  weightBytes: 0.4 * gib,
  expertBytes: 0,
  keyWidth: 1024,
  valueWidth: 1024,
  isWindowed: false,
  stateBytes: 0,
}

/** About a model of 32 billion at four bits: 40 layers of 1,024 numbers in K and in V. */
const model: ModelFacts = {
  architecture: 'llama',
  trainedContext: 131_072,
  embeddingLength: 5_120,
  feedForwardLength: 14_336,
  vocabularySize: 152_064,
  layers: Array.from({ length: 40 }, () => layer),
  inputBytes: 0.5 * gib,
  outputBytes: 0.6 * gib,
  weightBytes: 17.1 * gib,
}

const settings: FitSettings = {
  context: 131_072,
  parallel: 1,
  kvTypes: { k: 'q8_0', v: 'q8_0' },
  gpuLayers: Number.POSITIVE_INFINITY,
  cpuExperts: 0,
  microBatch: 512,
  besideBytes: 0,
}

test('a q8_0 cache at 128k does not fit beside 16 GiB of weights on 24 GiB, q4_0 does, and that is said (N4.3)', () => {
  const { estimate, verdict } = fitReport({ model, settings, freeBytes: 23.5 * gib })
  // 2 × 1024 numbers × 34/32 bytes × 40 layers × 131072 tokens
  expect(estimate.kvBytes).toBe(2 * 1024 * (34 / 32) * 40 * 131_072)
  expect(verdict?.isFitting).toBe(false)
  expect(verdict?.suggestions[0]?.change).toBe('kv_cache: {k: q4_0, v: q4_0}')
})

test('an f16 cache is two bytes a number, for each request', () => {
  const f16 = { ...settings, context: 1024, parallel: 3, kvTypes: { k: 'f16', v: 'f16' } }
  expect(estimateMemory(model, f16).kvBytes).toBe(3 * 1024 * 2 * 1024 * 2 * 40)
})

test('layers that stay in RAM take their weights and their cache with them', () => {
  const half = estimateMemory(model, { ...settings, gpuLayers: 20 })
  const all = estimateMemory(model, settings)
  expect(half.weightBytes).toBeCloseTo(8 * gib)
  expect(half.kvBytes).toBe(all.kvBytes / 2)
  expect(half.ramBytes).toBeCloseTo(model.weightBytes - 8 * gib + all.kvBytes / 2)
  expect(estimateMemory(model, { ...settings, gpuLayers: 0 })).toMatchObject({ totalBytes: 0, weightBytes: 0 })
})

test('the output is a layer of its own', () => {
  const without = estimateMemory(model, { ...settings, gpuLayers: 40 }).weightBytes
  expect(estimateMemory(model, { ...settings, gpuLayers: 41 }).weightBytes - without).toBeCloseTo(0.6 * gib)
})

test('experts in RAM are the mildest change for a model that has them', () => {
  const experts = { ...model, layers: model.layers.map((one) => ({ ...one, expertBytes: 0.35 * gib })) }
  const short = { ...settings, context: 8192, kvTypes: { k: 'q4_0', v: 'q4_0' } }
  const [first] = suggestFit(experts, short, 12 * gib)
  expect(first?.change).toMatch(/^flags: \{n-cpu-moe: \d+\}$/)
})

test('layers with a sliding window keep no more than the window and a batch', () => {
  const windowed = { ...model, slidingWindow: 1024, layers: [{ ...layer, isWindowed: true }] }
  const f16 = { ...settings, kvTypes: { k: 'f16', v: 'f16' } }
  expect(estimateMemory(windowed, f16).kvBytes).toBe(1536 * 2 * 1024 * 2)
})

test('what is suggested fits, and a longer context never takes less', () => {
  const sizes = fc.record({
    context: fc.integer({ min: 1, max: 200_000 }),
    parallel: fc.integer({ min: 1, max: 8 }),
    type: fc.constantFrom('f16', 'q8_0', 'q4_0', 'f32', 'unheard_of'),
    gpuLayers: fc.integer({ min: 0, max: 60 }),
    free: fc.integer({ min: 0, max: 40 }),
  })
  fc.assert(
    fc.property(sizes, ({ context, parallel, type, gpuLayers, free }) => {
      const chosen = { ...settings, context, parallel, gpuLayers, kvTypes: { k: type, v: type } }
      for (const { estimate, settings: changed } of suggestFit(model, chosen, free * gib)) {
        expect(isFitting(estimate, free * gib)).toBe(true)
        expect(estimate).toEqual(estimateMemory(model, changed))
      }
      const longer = estimateMemory(model, { ...chosen, context: context + 1000 })
      expect(longer.totalBytes).toBeGreaterThanOrEqual(estimateMemory(model, chosen).totalBytes)
    }),
  )
})

test('memory is read from the keys of a profile and from its flags', () => {
  const profile = profileOf({
    model: '/m.gguf',
    context: 1000,
    parallel: 2,
    flags: { ctk: 'q8_0', n_cpu_moe: 5, ub: 1024, ngl: 7 },
  })
  expect(fitSettings(profile, model, 3)).toEqual({
    context: 1000,
    parallel: 2,
    kvTypes: { k: 'q8_0', v: 'f16' },
    gpuLayers: 7,
    cpuExperts: 5,
    microBatch: 1024,
    besideBytes: 3,
  })
  expect(fitSettings(profileOf({ model: '/m.gguf' }), model, 0).context).toBe(131_072)
})

function factsOf(metadata: Readonly<Record<string, unknown>>): ModelFacts {
  const tensors = [
    { name: 'token_embd.weight', offset: 0 },
    { name: 'blk.0.attn_q.weight', offset: 100 },
    { name: 'blk.0.ffn_up_exps.weight', offset: 130 },
    { name: 'output.weight', offset: 200 },
  ]
  const base = {
    'general.architecture': 'a',
    'a.block_count': 4,
    'a.embedding_length': 64,
    'a.attention.head_count': 4,
  }
  return modelFacts([{ bytes: 310, dataOffset: 10, metadata: { ...base, ...metadata }, tensors }])
}

test('weights are counted from where one tensor begins to the next', () => {
  expect(factsOf({})).toMatchObject({
    inputBytes: 100,
    outputBytes: 100,
    weightBytes: 300,
    layers: [{ weightBytes: 100, expertBytes: 70 }, {}, {}, {}],
  })
})

test.each([
  ['grouped queries', { 'a.attention.head_count_kv': 2 }, [32, 32, 32, 32]],
  [
    'heads of their own size',
    { 'a.attention.head_count_kv': 1, 'a.attention.key_length': 128, 'a.attention.value_length': 128 },
    [128, 128, 128, 128],
  ],
  ['attention in some layers, by a list', { 'a.attention.head_count_kv': [0, 2, 0, 2] }, [0, 32, 0, 32]],
  [
    'attention in every second layer',
    { 'a.attention.head_count_kv': 2, 'a.full_attention_interval': 2 },
    [0, 32, 0, 32],
  ],
])('the cache follows %s', (_, metadata, widths) => {
  expect(factsOf(metadata).layers.map(({ keyWidth }) => keyWidth)).toEqual(widths)
})

test('with latent attention only keys are kept', () => {
  const { layers } = factsOf({
    'a.attention.head_count_kv': 1,
    'a.attention.key_length': 576,
    'a.attention.value_length': 512,
    'a.attention.key_length_mla': 192,
  })
  expect(layers[0]).toMatchObject({ keyWidth: 576, valueWidth: 0 })
})

test('which layers have a window is listed, or known of the architecture', () => {
  const windowed = (metadata: Readonly<Record<string, unknown>>) =>
    factsOf(metadata).layers.map(({ isWindowed }) => isWindowed)
  expect(
    windowed({ 'a.attention.sliding_window': 8, 'a.attention.sliding_window_pattern': [true, false, true, false] }),
  ).toEqual([true, false, true, false])
  expect(windowed({ 'a.attention.sliding_window': 8, 'a.attention.sliding_window_pattern': 4 })).toEqual([
    true,
    true,
    true,
    false,
  ])
  expect(windowed({})).toEqual([false, false, false, false])
  expect(windowed({ 'a.attention.sliding_window': 8 })).toEqual([false, false, false, false])
})

test('a file without what a language model has is refused by the key that is missing', () => {
  expect(() => factsOf({ 'a.block_count': undefined })).toThrow('a.block_count is missing')
  expect(() => factsOf({ 'a.block_count': 1e9 })).toThrow('a.block_count is missing')
  expect(() => factsOf({ 'general.architecture': undefined })).toThrow('general.architecture is missing')
})
