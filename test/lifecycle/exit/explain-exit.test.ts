import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { explainExit } from '../../../src/lifecycle/exit/explain-exit.ts'
import { explainStartError } from '../../../src/lifecycle/exit/explain-start-error.ts'

const folder = join(import.meta.dirname, '../../fixtures/processes/exits')
const failed = { code: 1, signal: null }

describe('what the real llama-server prints is understood', () => {
  const recorded = {
    'bad-flag': 'bad_flag',
    'bad-value': 'bad_flag',
    'bad-choice': 'bad_flag',
    'missing-value': 'bad_flag',
    'flag-that-moved': 'bad_flag',
    'missing-file': 'missing_file',
    'missing-adapter': 'missing_file',
    'missing-projector': 'missing_file',
    'missing-draft': 'missing_file',
    'missing-template': 'missing_file',
    'cut-in-tensors': 'corrupt_model',
    'cut-in-metadata': 'corrupt_model',
    'empty-file': 'corrupt_model',
    'web-page': 'corrupt_model',
    'unknown-architecture': 'unknown_architecture',
    'port-taken': 'port_taken',
    'no-memory': 'out_of_memory',
  }

  test.each(Object.entries(recorded))('%s: %s', (file, code) => {
    const lines = readFileSync(join(folder, `${file}.txt`), 'utf8').split('\n')
    const explanation = explainExit({ exit: failed, lines })
    expect(explanation.code).toBe(code)
    expect(lines.map((line) => line.trim())).toContain(explanation.evidence)
  })

  test('in every recording there is', () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.txt'))
    expect(files.sort()).toEqual(
      Object.keys(recorded)
        .map((file) => `${file}.txt`)
        .sort(),
    )
  })
})

describe('what GPUs and other engines print is understood', () => {
  test.each([
    ['cudaMalloc failed: out of memory', 'out_of_gpu_memory'],
    ['alloc_tensor_range: failed to allocate ROCm0 buffer of size 151851674624', 'out_of_gpu_memory'],
    ['error: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)', 'out_of_gpu_memory'],
    ['ggml_vulkan: vk::Device::allocateMemory: ErrorOutOfDeviceMemory', 'out_of_gpu_memory'],
    ['torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.', 'out_of_gpu_memory'],
    [
      'ValueError: Free memory on device (3.22/4.0 GiB) on startup is less than desired GPU memory utilization',
      'out_of_gpu_memory',
    ],
    ["terminate called after throwing an instance of 'std::bad_alloc'", 'out_of_memory'],
    ['vllm: error: unrecognized arguments: --max-len 4', 'bad_flag'],
    ["ValueError: Model architectures ['Foo'] are not supported for now.", 'unknown_architecture'],
    ['OSError: [Errno 98] error while attempting to bind on address: address already in use', 'port_taken'],
    ['PermissionError: [Errno 13]', 'no_permission'],
    ['llama-server: error while loading shared libraries: libcudart.so.12', 'missing_library'],
    ['CUDA error: no kernel image is available for execution on the device', 'gpu_driver'],
  ])('%s', (line, code) => {
    expect(explainExit({ exit: failed, lines: ['before', line, 'after'] })).toMatchObject({ code, evidence: line })
  })

  test('memory counts for more than what follows from its want', () => {
    const lines = [
      'llama_model_load: error loading model: unable to allocate CUDA0 buffer',
      'failed to open x: No such file or directory',
    ]
    expect(explainExit({ exit: failed, lines }).code).toBe('out_of_gpu_memory')
  })
})

describe('when it said nothing, how it ended tells', () => {
  test.each([
    [{ code: null, signal: 'SIGILL' }, 'unsupported_cpu', false],
    [{ code: 132, signal: null }, 'unsupported_cpu', false],
    [{ code: null, signal: 'SIGKILL' }, 'out_of_memory', true],
    [{ code: 137, signal: null }, 'out_of_memory', true],
    [{ code: null, signal: 'SIGSEGV' }, 'crashed', true],
    [{ code: 139, signal: null }, 'crashed', true],
    [{ code: 127, signal: null }, 'missing_program', false],
    [{ code: 0, signal: null }, 'exited', true],
  ] as const)('%o is %s', (exit, code, isTransient) => {
    expect(explainExit({ exit, lines: ['', 'the last words', ''] })).toMatchObject({ code, isTransient })
  })

  test('an instruction that does not exist outweighs any line before it (N3.8)', () => {
    expect(explainExit({ exit: { code: null, signal: 'SIGILL' }, lines: ['Permission denied'] }).code).toBe(
      'unsupported_cpu',
    )
  })

  test('without an exit it was not ready in time', () => {
    expect(explainExit({ lines: ['still loading'] })).toMatchObject({
      code: 'ready_timeout',
      evidence: 'still loading',
    })
  })
})

test('any lines have an explanation, and what everybody may read holds nothing of them', () => {
  const lines = fc.array(fc.string({ minLength: 12, unit: 'grapheme' }))
  const exit = fc.record({ code: fc.integer({ min: 0, max: 255 }), signal: fc.constant(null) })
  fc.assert(
    fc.property(lines, exit, (lines, exit) => {
      const { cause, code } = explainExit({ lines, exit })
      expect(cause).toMatch(/^[A-Z].*\.$/)
      expect(code).not.toBe('ready_timeout')
      for (const line of lines) expect(cause).not.toContain(line)
    }),
  )
})

describe('what cannot even be started', () => {
  const facts = { argv: ['/opt/llama-server', '-m', 'x'], cwd: '/srv' } as const
  const systemError = (code: string): Error => Object.assign(new Error(code), { code })

  test.each([
    ['ENOENT', facts, 'missing_program'],
    ['EACCES', facts, 'missing_program'],
    ['EAGAIN', facts, 'cannot_start'],
    ['EADDRINUSE', undefined, 'port_taken'],
    ['EACCES', undefined, 'no_permission'],
    ['EADDRNOTAVAIL', undefined, 'address_unavailable'],
    ['EMFILE', undefined, 'cannot_start'],
  ])('%s (with %o) is %s', (error, facts, code) => {
    expect(explainStartError(systemError(error), facts).code).toBe(code)
  })

  test('names the program and the folder, one of which is not there', () => {
    expect(explainStartError(systemError('ENOENT'), facts).advice).toMatch(/\/opt\/llama-server .* \/srv /)
  })
})
