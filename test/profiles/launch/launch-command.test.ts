import { expect, test } from 'vitest'

import type { LaunchPlan } from '../../../src/lifecycle/launch-plan.ts'
import { launchCommand } from '../../../src/profiles/launch/launch-command.ts'
import type { LaunchContext } from '../../../src/profiles/launch/launch-command.ts'
import { newFlags, oldFlags } from '../../support/flag-tables.ts'
import { profileOf } from '../../support/launch-profile.ts'

function launch(written: Readonly<Record<string, unknown>>, context: Partial<LaunchContext> = {}): LaunchPlan {
  return launchCommand(profileOf(written), { port: 9000, flags: newFlags, ...context })
}

function line(written: Readonly<Record<string, unknown>>, context: Partial<LaunchContext> = {}): string {
  return launch(written, context).argv.join(' ')
}

test('a profile for llama-server becomes a command line in the words of its binary', () => {
  const written = {
    binary: '/opt/llama-server',
    model: '/m.gguf',
    context: 8192,
    parallel: 2,
    kv_cache: { k: 'q8_0', v: 'q8_0' },
    gpu_layers: 'all',
    flags: { no_mmap: true, flash_attn: true },
    args: ['--verbose-prompt'],
  }
  expect(line(written)).toBe(
    '/opt/llama-server --model /m.gguf --alias mine --ctx-size 16384 --parallel 2 --cache-type-k q8_0 --cache-type-v q8_0 ' +
      '--gpu-layers all --load-mode none --flash-attn on --host 127.0.0.1 --port 9000 --verbose-prompt',
  )
})

test('an older binary is told the same in its own words', () => {
  const written = { model: '/m.gguf', gpu_layers: 'all', flags: { 'load-mode': 'none' } }
  expect(line(written, { flags: oldFlags })).toBe(
    'llama-server --model /m.gguf --alias mine --parallel 1 --gpu-layers 999 --no-mmap --host 127.0.0.1 --port 9000',
  )
})

test('each request has the context a profile names, though the engine divides its own among its slots', () => {
  expect(line({ model: '/m.gguf', context: 1000, parallel: 3 })).toContain('--ctx-size 3000 --parallel 3')
})

test('flags count above keys, and no flag moves the engine elsewhere', () => {
  const words = launch({ model: '/m.gguf', context: 10, flags: { n_ctx: 20, port: 1, host: '0.0.0.0' } }).argv
  expect(words.join(' ')).toContain('--ctx-size 20')
  expect(words.slice(-4)).toEqual(['--host', '127.0.0.1', '--port', '9000'])
})

test('a reference is left for the engine to fetch, and only files are read ahead', () => {
  const hub = launch({ model: 'org/name:Q4_K_M' })
  expect(hub.argv).toContain('--hf-repo')
  expect(hub.weights.files).toEqual([])
  const split = launch({ model: '/w/m-00001-of-00002.gguf', flags: { 'load-mode': 'dio' } })
  expect(split.weights).toEqual({
    files: ['/w/m-00001-of-00002.gguf', '/w/m-00002-of-00002.gguf'],
    isDirectIo: true,
  })
})

test('vllm is served by its own words, and sleeps only in the mode that can', () => {
  const plan = launch({
    engine: 'vllm',
    model: 'org/name',
    context: 100,
    parallel: 4,
    flags: { dtype: 'half', enforce_eager: true, prefix: false },
    sleep: { level: 2 },
  })
  expect(plan.argv.join(' ')).toBe(
    'vllm serve org/name --served-model-name mine --max-model-len 100 --max-num-seqs 4 --enable-sleep-mode --dtype half ' +
      '--enforce-eager --no-prefix --host 127.0.0.1 --port 9000',
  )
  expect(plan).toMatchObject({ env: { VLLM_SERVER_DEV_MODE: '1' }, sleep: { level: 2 } })
})

test('a command is words, and the port is put in wherever it is named', () => {
  const plan = launch({
    engine: 'command',
    command: `serve --listen ':\${PORT}' --literal '$\${PORT}'`,
    env: { PORT_TOO: '${PORT}' },
    proxy: 'http://gpu.lan:${PORT}/',
    ready: { path: '/up', timeout: '2s' },
    stop: { command: 'docker stop x-${PORT} ${PID}', signal: 'SIGINT', timeout: '3s' },
  })
  expect(plan).toMatchObject({
    argv: ['serve', '--listen', ':9000', '--literal', '${PORT}'],
    env: { PORT_TOO: '9000' },
    url: 'http://gpu.lan:9000',
    readyUrl: 'http://gpu.lan:9000/up',
    readyTimeoutMs: 2_000,
    stop: { command: ['docker', 'stop', 'x-9000', '${PID}'], signal: 'SIGINT', timeoutMs: 3_000 },
  })
})

test('a fixed port counts above the one that was leased', () => {
  expect(launch({ model: '/m.gguf', port: 1234 })).toMatchObject({ port: 1234, url: 'http://127.0.0.1:1234' })
})

test('an engine that binds every address is reached over loopback', () => {
  expect(launch({ model: '/m.gguf', host: '0.0.0.0' }).url).toBe('http://127.0.0.1:9000')
  expect(launch({ model: '/m.gguf', host: '::' }).url).toBe('http://[::1]:9000')
})

test('without a ready path it is ready as soon as it runs', () => {
  expect(launch({ model: '/m.gguf', ready: { path: 'none' } }).readyUrl).toBeUndefined()
})

test('a folder for conversations is named only to a profile that saves them', () => {
  expect(line({ model: '/m.gguf', save_slots: true }, { slotFolder: '/data/slots' })).toContain(
    '--slot-save-path /data/slots',
  )
  expect(line({ model: '/m.gguf' }, { slotFolder: '/data/slots' })).not.toContain('--slot-save-path')
})

test('a command that is no list of words is refused', () => {
  expect(() => launch({ engine: 'command', command: 'a | b' })).toThrow(/mine: command: "\|" would need a shell/)
})
