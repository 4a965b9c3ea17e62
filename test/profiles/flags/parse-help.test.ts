import { expect, test } from 'vitest'

import { knownFlags } from '../../../src/profiles/flags/known-flags.ts'
import { parseHelp } from '../../../src/profiles/flags/parse-help.ts'
import { newFlags, oldFlags } from '../../support/flag-tables.ts'

test('names, and what stands for a value, are read from the first line of a flag', () => {
  expect(newFlags.find('-ngl')).toMatchObject({ names: ['-ngl', '--gpu-layers', '--n-gpu-layers'], placeholder: 'N' })
  expect(newFlags.find('--metrics')?.placeholder).toBeUndefined()
  expect(newFlags.find('-hf')?.placeholder).toBe('<user>/<model>[:quant]')
})

test('negations are told apart from names, short ones included', () => {
  expect(newFlags.find('-nkvo')).toMatchObject({
    names: ['-kvo', '--kv-offload'],
    negations: ['-nkvo', '--no-kv-offload'],
  })
  expect(newFlags.find('--repack')).toMatchObject({ names: ['--repack'], negations: ['-nr', '--no-repack'] })
  expect(newFlags.find('--no-host')).toMatchObject({ names: ['--no-host'], negations: [] })
})

test.each([
  ['--flash-attn', ['on', 'off', 'auto']],
  ['--cpu-strict', ['0', '1']],
  ['--numa', ['distribute', 'isolate', 'numactl']],
  ['--load-mode', ['auto', 'none', 'mmap', 'mlock', 'mmap+mlock', 'dio']],
  ['--cache-type-k', ['f32', 'f16', 'bf16', 'q8_0', 'q4_0', 'q4_1', 'iq4_nl', 'q5_0', 'q5_1']],
  ['--gpu-layers', ['auto', 'all']],
  ['--reasoning-format', ['none', 'deepseek', 'deepseek-legacy', 'auto']],
  ['--ctx-size', undefined],
])('the values of %s are read wherever the help puts them', (name, values) => {
  expect(newFlags.find(name)?.values).toEqual(values)
})

test('a flag that is only kept to complain is not a flag', () => {
  expect(newFlags.find('--draft-max')?.removed).toContain('--spec-draft-n-max')
  expect(oldFlags.find('--draft-max')).toMatchObject({ placeholder: 'N' })
})

test('the flags that llmr knows by itself are those of a whole help', () => {
  const known = knownFlags()
  expect(known.flags.length).toBeGreaterThan(200)
  for (const { names, values, negations } of newFlags.flags) {
    expect(known.find(names[0] ?? '')).toMatchObject({ names, negations, ...(values && { values }) })
  }
})

test('a help without flags is an empty table', () => {
  expect(parseHelp('usage: something\n  and more\n-----\n', 'x').flags).toEqual([])
})
