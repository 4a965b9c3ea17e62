import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseConfig } from '../../../src/config/parse-config.ts'
import { knownFlags } from '../../../src/profiles/flags/known-flags.ts'
import type { FoundWeights } from '../../../src/profiles/import/import-folder.ts'
import { importFolder, nameOf } from '../../../src/profiles/import/import-folder.ts'
import { foreignConfig } from '../../../src/profiles/import/foreign-config.ts'
import { importLiteLlm } from '../../../src/profiles/import/import-litellm.ts'
import { importLlamaSwap } from '../../../src/profiles/import/import-llama-swap.ts'
import { importOllama, readOllamaNames } from '../../../src/profiles/import/import-ollama.ts'
import { importPreset } from '../../../src/profiles/import/import-preset.ts'
import type { Imported } from '../../../src/profiles/import/imported.ts'
import { renderImport } from '../../../src/profiles/import/render-import.ts'

const table = knownFlags()
const swapConfig = readFileSync(join(import.meta.dirname, '../../fixtures/profiles/llama-swap.yaml'), 'utf8')

function imported(): Imported {
  const result = importLlamaSwap(swapConfig, table)
  if (result === undefined) throw new Error('not recognised')
  return result
}

/** What was printed, read as llmr.yaml. */
function readBack(result: Imported, env: Readonly<Record<string, string>> = {}) {
  return parseConfig({ text: renderImport(result), file: '/etc/llmr/llmr.yaml', backendKinds: ['ollama'], env }).config
}

test('a llama-server of llama-swap is taken apart into the keys of a profile', () => {
  expect(imported().document.profiles?.['qwen']).toEqual({
    binary: '/opt/llama.cpp/llama-server',
    model: '/srv/models/Qwen3-8B-Q4_K_M.gguf',
    context: 32_768,
    parallel: 2,
    kv_cache: { k: 'q8_0', v: 'q8_0' },
    gpu_layers: 'all',
    flags: { 'flash-attn': 'on', 'load-mode': 'mlock' },
    args: ['--from-a-fork', 'x'],
    env: { CUDA_VISIBLE_DEVICES: '0', A: 'b=c' },
    ready: { timeout: '300s' },
    sampling: { top_k: 20 },
    filters: {
      set: { seed: 1 },
      strip: ['temperature', 'top_p'],
      set_by_name: { 'qwen:high': { reasoning_effort: 'high' } },
    },
    aliases: ['gpt-4o'],
    capabilities: ['vision', 'tools'],
    concurrency: 4,
    group: 'pair',
    preload: true,
  })
})

test('any other program stays a command of words', () => {
  expect(imported().document.profiles?.['vision']).toEqual({
    engine: 'command',
    command: ['python3', '-m', 'vllm', 'serve', 'x', '--port', '${PORT}', '--name', '${MODEL_ID} one'],
    ready: { path: 'none', timeout: '300s' },
    stop: { command: 'docker stop ${MODEL_ID}', timeout: '20s' },
    use_model_name: 'x',
    ttl: '600s',
    loading_state: 'off',
    group: 'pair',
  })
})

test('groups, the matrix and peers find their places, and a secret is not printed', () => {
  const { document } = imported()
  expect(document.scheduling).toEqual({
    groups: { pair: { swap: true, exclusive: false } },
    matrix: { sets: { both: 'q & vision' }, variables: { q: 'qwen' }, evict_costs: { q: 3 } },
  })
  expect(document.backends).toEqual({
    box: { url: 'http://box:8080', models: ['a', 'b'], api_key: '${env.BOX_API_KEY}' },
  })
  expect(renderImport(imported())).not.toContain('7Q9xZ')
})

test('what has no place is said, with what to do instead', () => {
  expect(imported().notes).toEqual([
    'models.vision: timeouts have no place of their own: resilience.* holds for all models',
    'peers.box: its key is not copied; give it in the variable BOX_API_KEY',
    'apiKeys: keys are not copied; make each with `llmr keys create NAME`, which keeps only hashes',
    'selectors: write a model with pick, or with backends and policy: see docs/routing.md',
  ])
})

test('what is printed is a configuration of llmr', () => {
  const { profiles, scheduling } = readBack(imported(), { BOX_API_KEY: 'x' })
  expect(profiles['vision']?.stop.command).toBe('docker stop vision')
  expect(Object.keys(scheduling.groups)).toEqual(['pair'])
})

test('a command that would need a shell is kept, and said', () => {
  const result = importLlamaSwap('models: {a: {cmd: "serve | tee log"}}', table)
  expect(result?.document.profiles?.['a']).toEqual({ engine: 'command', command: 'serve | tee log' })
  expect(result?.notes[0]).toContain('"|" would need a shell')
})

test('macros of llama-swap that hold each other without end do not keep it busy', () => {
  const macros = Array.from({ length: 20 }, (_, index) => `m${index}: "${`\${m${(index + 1) % 20}} `.repeat(20)}"`)
  expect(importLlamaSwap(`macros: {${macros.join(', ')}}\nmodels: {a: {cmd: "x \${m0}"}}`, table)).toBeDefined()
})

test('a preset of llama-server: common keys go into each model, variables are flags', () => {
  const text = [
    'version = 1',
    '[*]',
    'n-gpu-layers = 99',
    'LLAMA_ARG_FLASH_ATTN = on ; for all',
    '[org/name:Q4_K_M]',
    'ctx-size=4096',
    '[mine]',
    '# a comment',
    'm = "/a b/c.gguf"',
    'load-on-startup = true',
    'stop-timeout = 5',
    'no-mmap = 1',
  ].join('\n')
  const result = importPreset(text, table)
  expect(result.document.profiles).toEqual({
    'org/name:Q4_K_M': { model: 'org/name:Q4_K_M', gpu_layers: 'all', context: 4096, flags: { 'flash-attn': 'on' } },
    mine: {
      model: '/a b/c.gguf',
      gpu_layers: 'all',
      flags: { 'flash-attn': 'on', 'load-mode': 'none' },
      preload: true,
      stop: { timeout: '5s' },
    },
  })
  expect(Object.keys(readBack(result).profiles)).toEqual(['org/name:Q4_K_M', 'mine'])
})

test('names of Ollama are read from its list and from its JSON', () => {
  expect(readOllamaNames('NAME         ID    SIZE\nqwen3:8b     abc   5 GB\nllama3.2:latest d 2 GB\n')).toEqual([
    'qwen3:8b',
    'llama3.2:latest',
  ])
  expect(readOllamaNames('{"models":[{"name":"qwen3:8b"},{"size":1}]}')).toEqual(['qwen3:8b'])
  expect(readOllamaNames('models: {}')).toBeUndefined()
  expect(readOllamaNames('{broken')).toBeUndefined()
})

test('the weights that Ollama keeps are used where they are; the rest stays its own', () => {
  const result = importOllama(['qwen3:8b', 'far:latest'], (name) =>
    name === 'qwen3:8b'
      ? { model: '/o/blobs/sha256-1', parameters: { temperature: 0.5, num_ctx: 4096, mirostat: 1 } }
      : undefined,
  )
  expect(result.document).toEqual({
    backends: { ollama: { url: 'http://127.0.0.1:11434', kind: 'ollama' } },
    profiles: {
      'qwen3-8b': {
        extends: 'qwen3',
        flags: { model: '/o/blobs/sha256-1' },
        context: 4096,
        sampling: { temperature: 0.5 },
        aliases: ['qwen3:8b'],
      },
    },
  })
  expect(result.notes[0]).toContain('no weights of far:latest on this machine')
})

test.each([
  ['/m/Qwen3-8B-Q4_K_M.gguf', 'qwen3-8b'],
  ['/m/gpt-oss-20b-MXFP4.gguf', 'gpt-oss-20b'],
  ['/m/Big Model-UD-Q4_K_XL-00001-of-00003.gguf', 'big-model'],
  ['/m/x.F16.gguf', 'x'],
])('%s is called %s', (file, name) => {
  expect(nameOf(file)).toBe(name)
})

test('a folder becomes profiles with their family, its projector and a context one can afford', () => {
  const facts = {
    architecture: 'qwen3',
    trainedContext: 262_144,
    embeddingLength: 1,
    feedForwardLength: 1,
    vocabularySize: 1,
    layers: [],
    inputBytes: 0,
    outputBytes: 0,
    weightBytes: 0,
  }
  const found: readonly FoundWeights[] = [
    { file: '/m/Qwen3-8B-Q4_K_M.gguf', facts },
    { file: '/m/Qwen3-8B-Q8_0.gguf', mmproj: '/m/mmproj.gguf', facts },
    { file: '/m/unheard-of.gguf', facts: { ...facts, trainedContext: 512, pooling: 'rank' } },
    { file: '/m/broken.gguf', problem: 'no GGUF' },
  ]
  const result = importFolder(found)
  expect(result.document.profiles).toEqual({
    'qwen3-8b': { extends: 'qwen3', model: '/m/Qwen3-8B-Q4_K_M.gguf', context: 32_768 },
    'qwen3-8b-2': { extends: 'qwen3', model: '/m/Qwen3-8B-Q8_0.gguf', mmproj: '/m/mmproj.gguf', context: 32_768 },
    'unheard-of': { model: '/m/unheard-of.gguf', context: 512, flags: { reranking: true }, capabilities: ['rerank'] },
  })
  expect(result.notes).toEqual(['/m/broken.gguf was left out: no GGUF'])
})

test('anything at all as a configuration of llama-swap is imported or not recognised, never a crash', () => {
  const value = fc.oneof(
    fc.constantFrom<unknown>('serve ${PORT}', '${a}', 'x | y', '', 1, -1, null, true, [], {}, ['a=b'], { a: 'b' }),
    fc.anything({ maxDepth: 2 }),
  )
  const keys = [
    'cmd',
    'cmdStop',
    'proxy',
    'ttl',
    'env',
    'aliases',
    'filters',
    'capabilities',
    'macros',
    'checkEndpoint',
    'metadata',
  ]
  const model = fc.record(Object.fromEntries(keys.map((key) => [key, value])), { requiredKeys: [] })
  const config = fc.record(
    {
      models: fc.dictionary(fc.string(), model),
      groups: value,
      matrix: value,
      peers: value,
      macros: value,
      hooks: value,
      routing: value,
    },
    { requiredKeys: ['models'] },
  )
  fc.assert(
    fc.property(config, (content) => {
      const text = JSON.stringify(content, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item))
      const result = importLlamaSwap(text, table)
      if (result !== undefined) expect(typeof renderImport(result)).toBe('string')
    }),
  )
})

const liteLlm = `
model_list:
  - model_name: chat
    litellm_params: { model: ollama_chat/qwen3:8b, api_base: "http://tower.lan:11434" }
  - model_name: chat
    litellm_params: { model: ollama/qwen3:8b, api_base: "http://attic.lan:11434/", max_parallel_requests: 2 }
  - model_name: chat
    litellm_params: { model: ollama/other, api_base: "http://attic.lan:11434" }
  - model_name: coder
    litellm_params: { model: hosted_vllm/Qwen/Qwen3-Coder, api_base: "http://192.168.1.5:8000/v1", api_key: none }
  - model_name: gpt-4o
    litellm_params: { model: openai/gpt-4o, api_key: os.environ/OPENAI_API_KEY }
  - model_name: secret
    litellm_params: { model: openai/secret, api_base: "https://api.llm.example/v1", api_key: sk-0123456789abcdef }
  - model_name: elsewhere
    litellm_params: { model: bedrock/x }
  - model_name: "any/*"
    litellm_params: { model: openai/*, api_base: "http://tower.lan:8080/v1" }
litellm_settings: { fallbacks: [{ chat: [gpt-4o, nobody] }] }
general_settings: { master_key: sk-1234 }
`

test('of LiteLLM each address becomes a backend, and each name a model on those that it was written with', () => {
  const result = importLiteLlm(liteLlm)
  if (result === undefined) throw new Error('not recognised')
  expect(result.document).toEqual({
    backends: {
      'tower-11434': { url: 'http://tower.lan:11434', kind: 'ollama' },
      'attic-11434': { url: 'http://attic.lan:11434', kind: 'ollama', max_concurrent: 2 },
      '192-168-1-5-8000': { url: 'http://192.168.1.5:8000', kind: 'vllm' },
      openai: { url: 'https://api.openai.com', api_key: '${env.OPENAI_API_KEY}' },
      llm: { url: 'https://api.llm.example' },
      'tower-8080': { url: 'http://tower.lan:8080' },
    },
    models: {
      chat: { backends: ['tower-11434', 'attic-11434'], upstream: 'qwen3:8b', fallbacks: ['gpt-4o'] },
      coder: { backends: ['192-168-1-5-8000'], upstream: 'Qwen/Qwen3-Coder' },
      'gpt-4o': { backends: ['openai'] },
      secret: { backends: ['llm'] },
    },
  })
  expect(result.notes.map((note) => note.split(':')[0])).toEqual([
    'chat',
    'secret',
    'elsewhere',
    'any/*',
    'general_settings',
  ])
  expect(renderImport(result)).not.toContain('sk-')
  const kinds = { file: '/etc/llmr/llmr.yaml', backendKinds: ['ollama', 'vllm'], env: { OPENAI_API_KEY: 'k' } }
  expect(parseConfig({ text: renderImport(result), ...kinds }).config.models['chat']?.fallbacks).toEqual(['gpt-4o'])
})

test('whose configuration a file is, is known by keys that no other has', () => {
  expect([swapConfig, liteLlm, 'models: { a: { upstream: b } }', 'no: [', ''].map(foreignConfig)).toEqual([
    'llama-swap',
    'LiteLLM',
    undefined,
    undefined,
    undefined,
  ])
})
