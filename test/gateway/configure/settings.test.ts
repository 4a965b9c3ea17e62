import { expect, test } from 'vitest'

import { backendKinds } from '../../../src/backends/backend-kinds.ts'
import { parseConfig } from '../../../src/config/parse-config.ts'
import type { Config } from '../../../src/config/schema.ts'
import {
  backendInventory,
  backendSettings,
  catalogueEntries,
  intentSettings,
  pulseSettings,
  routingSettings,
  runtimeSettings,
  serverLimits,
} from '../../../src/gateway/configure/settings.ts'

function config(text: string): Config {
  return parseConfig({ text, file: 'llmr.yaml', backendKinds, env: {} }).config
}

/** Every number of it another one, so that no two can be mixed up. */
const unmistakable = config(`
listen: { max_body: 3MiB, headers_timeout: 5s, body_timeout: 7s, slow_client_timeout: 11s }
resilience:
  connect_timeout: 13ms
  first_byte_timeout: 17ms
  idle_timeout: 19ms
  health: { interval: 23s, failing_interval: 1s, timeout: 29ms }
  breaker: { failures: 31, open_for: 37ms, slow_first_byte: 2ms }
dialects: { keep_alive: { interval: 41ms, delta_interval: 43ms } }
routing: { default_model: a, intent: { model: small, timeout: 47ms } }
models: { a: {}, small: {} }
`)

test('every bound of the file reaches the stage that keeps it', () => {
  expect(serverLimits(unmistakable)).toEqual({
    maxBodyBytes: 3 * 1024 ** 2,
    headersTimeoutMs: 5_000,
    bodyTimeoutMs: 7_000,
    slowClientTimeoutMs: 11_000,
  })
  expect(runtimeSettings(unmistakable)).toEqual({
    limits: { connectTimeoutMs: 13, firstByteTimeoutMs: 17, idleTimeoutMs: 19 },
    health: { intervalMs: 23_000, failingIntervalMs: 1_000, timeoutMs: 29 },
    breaker: { failures: 31, openForMs: 37, trialMaxMs: 17 },
    slowFirstByteMs: 2,
  })
  expect(pulseSettings(unmistakable)).toEqual({ intervalMs: 41, deltaIntervalMs: 43 })
  expect(intentSettings(unmistakable)).toEqual({ model: 'small', timeoutMs: 47 })
  expect(routingSettings(unmistakable).defaultModel).toBe('a')
})

test('without intent nobody is asked, and no first byte is too slow', () => {
  const empty = config('')
  expect(intentSettings(empty)).toBeUndefined()
  expect(runtimeSettings(empty).slowFirstByteMs).toBeUndefined()
})

test('a backend is taken as it is written, with its trust and its weight reckoned where they are not', () => {
  const [bare, full, heavy] = backendSettings(
    config(`
      backends:
        bare: { url: "http://127.0.0.1:8080/v1/" }
        full:
          url: https://api.example.org/base
          kind: openai
          trust: lan
          api_key: k
          headers: { x-a: b }
          models: ["gpt-*"]
          weight: 3
          vram: 24GiB
          max_concurrent: 2
          context_length: 4096
          paid: true
          tls: { insecure: true }
        heavy: { url: "http://192.168.1.7:8000", vram: 24GiB }
    `),
  )
  expect(bare).toMatchObject({ name: 'bare', url: 'http://127.0.0.1:8080', kind: 'auto', trust: 'local', weight: 1 })
  expect(full).toEqual({
    name: 'full',
    url: 'https://api.example.org/base',
    kind: 'openai',
    trust: 'lan',
    apiKey: 'k',
    headers: { 'x-a': 'b' },
    models: ['gpt-*'],
    weight: 3,
    maxConcurrent: 2,
    contextLength: 4096,
    isPaid: true,
    tls: { insecure: true },
  })
  expect(heavy).toMatchObject({ trust: 'lan', weight: 24, isPaid: false })
})

test('a model of the catalogue keeps every word that was written of it', () => {
  const [entry] = catalogueEntries(
    config(`
      backends: { box: { url: "http://127.0.0.1:1" } }
      models:
        m:
          backends: [box]
          upstream: u
          aliases: [n]
          fallbacks: [o]
          policy: weighted
          may_leave: lan
          context_length: 9
          capabilities: [chat]
          moderates_by: chat
          unlisted: true
        o: {}
    `),
  )
  expect(entry).toEqual({
    name: 'm',
    backends: ['box'],
    upstream: 'u',
    aliases: ['n'],
    fallbacks: ['o'],
    policy: 'weighted',
    mayLeave: 'lan',
    contextLength: 9,
    capabilities: ['chat'],
    moderatesBy: 'chat',
    isUnlisted: true,
    pick: undefined,
  })
})

test('a backend that has not answered yet keeps its place, with nothing to offer', () => {
  const [settings] = backendSettings(config('backends: { box: { url: "http://127.0.0.1:1", models: [a] } }'))
  expect(backendInventory(settings!, undefined)).toEqual({
    name: 'box',
    trust: 'local',
    modelGlobs: ['a'],
    contextLength: undefined,
    models: [],
  })
  const models = [{ id: 'a', capabilities: { chat: true } }]
  expect(backendInventory(settings!, { kind: 'openai', models }).models).toBe(models)
})
