import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { FlagEntry, FlagValue } from '../../../src/profiles/flags/flag-value.ts'
import { flagKeys } from '../../../src/profiles/flags/flag-table.ts'
import { flagWords } from '../../../src/profiles/flags/flag-words.ts'
import { flagRenames } from '../../../src/profiles/flags/flag-renames.ts'
import { knownFlags } from '../../../src/profiles/flags/known-flags.ts'
import { normaliseFlags } from '../../../src/profiles/flags/normalise-flags.ts'
import { newFlags, oldFlags } from '../../support/flag-tables.ts'

function entries(flags: Readonly<Record<string, FlagValue>>): readonly FlagEntry[] {
  return Object.entries(flags).map(([key, value]) => ({ key, value }))
}

function words(flags: Readonly<Record<string, FlagValue>>, table = newFlags): string {
  const { flags: normalised, problems } = normaliseFlags(entries(flags), table)
  expect(problems).toEqual([])
  return flagWords(normalised, table).join(' ')
}

test.each([
  [{ n_ctx: 8192 }, '--ctx-size 8192'],
  [{ '--ctx_size': '8192' }, '--ctx-size 8192'],
  [{ c: 8192 }, '--ctx-size 8192'],
  [{ ngl: 'all' }, '--gpu-layers all'],
  [{ n_gpu_layers: -1 }, '--gpu-layers -1'],
  [{ 'draft-max': 4 }, '--spec-draft-n-max 4'],
  [{ embeddings: true }, '--embedding'],
  [{ lora: ['a', 'b'] }, '--lora a,b'],
])('a flag is found by the names people give it, and called what the binary calls it: %j (N4.2)', (flags, expected) => {
  expect(words(flags)).toBe(expected)
})

test.each([
  [{ 'flash-attn': true }, '--flash-attn on'],
  [{ 'flash-attn': 'no' }, '--flash-attn off'],
  [{ 'cpu-strict': true }, '--cpu-strict 1'],
  [{ 'cpu-strict': 'off' }, '--cpu-strict 0'],
  [{ metrics: 'yes' }, '--metrics'],
  [{ metrics: false }, ''],
  [{ 'kv-offload': 'off' }, '--no-kv-offload'],
  [{ no_kv_offload: true }, '--no-kv-offload'],
  [{ 'no-kv-offload': false }, '--kv-offload'],
  [{ 'no-metrics': true }, ''],
  [{ 'no-flash-attn': true }, '--flash-attn off'],
])(
  'yes and no become what the flag wants: a word, a number, a switch, its opposite or nothing: %j (N4.2)',
  (flags, expected) => {
    expect(words(flags)).toBe(expected)
  },
)

test.each([
  [{ no_mmap: true }, '--load-mode none', '--no-mmap'],
  [{ mlock: true }, '--load-mode mmap+mlock', '--mlock'],
  [{ 'no-mmap': true, mlock: true }, '--load-mode mlock', '--no-mmap --mlock'],
  [{ mmap: false }, '--load-mode none', '--no-mmap'],
  [{ direct_io: true }, '--load-mode dio', '--no-mmap'],
  [{ 'load-mode': 'none' }, '--load-mode none', '--no-mmap'],
  [{ 'load-mode': 'auto' }, '--load-mode auto', ''],
])('how weights are read is said in the words of either release: %j (N4.2)', (flags, newer, older) => {
  expect(words(flags)).toBe(newer)
  expect(words(flags, oldFlags)).toBe(older)
})

test('of two entries for one flag the later counts, at its place', () => {
  expect(words({ n_ctx: 1, metrics: true, 'ctx-size': 2 })).toBe('--metrics --ctx-size 2')
})

test.each([
  [{ 'ctx-sise': 1 }, 'llama-server does not have --ctx-sise; did you mean "ctx-size"?'],
  [{ zzzzzzzz: 1 }, 'llama-server does not have --zzzzzzzz; its --help lists those it has'],
  [{ 'flash-attn': 'onn' }, 'expected one of on, off, auto, got "onn"; did you mean "on"?'],
  [{ threads: true }, 'expected a number, got true'],
  [{ 'gpu-layers': 'al' }, 'expected a number, or one of auto, all, got "al"'],
  [{ model: false }, 'expected a value, got false'],
  [{ metrics: 3 }, 'expected true or false, as this flag is a switch, got 3'],
])('what the binary would refuse is a problem, with what was probably meant: %j', (flags, message) => {
  expect(normaliseFlags(entries(flags), newFlags).problems.map((problem) => problem.message)).toEqual([message])
})

test('a removed flag whose successor the binary has not is a problem with its own advice', () => {
  const table = { ...newFlags, find: (name: string) => (name.includes('spec') ? undefined : newFlags.find(name)) }
  expect(normaliseFlags(entries({ 'draft-max': 1 }), table).problems[0]?.message).toMatch(
    /^this flag has been removed; use --spec/,
  )
})

const keys = fc.constantFrom(
  ...flagKeys(knownFlags()),
  ...flagRenames.flat(),
  'mmap',
  'no_mmap',
  'mlock',
  'direct_io',
  'load-mode',
  'no-metrics',
  'nonsense',
  'N_CTX',
  '-fa',
  '',
)
const values = fc.oneof(
  fc.constantFrom<FlagValue>(true, false, 'on', 'off', 'yes', 'no', 'auto', 'none', 1, 0, -1, 8192, 'q8_0', '', 'a b'),
  fc.array(fc.constantFrom('a', 'b', 1), { maxLength: 3 }),
)

test.each([
  ['of today', newFlags],
  ['of 2025', oldFlags],
  ['that llmr knows', knownFlags()],
])('normalising twice changes nothing, for the flags %s', (_, table) => {
  fc.assert(
    fc.property(fc.dictionary(keys, values, { maxKeys: 8 }), (flags) => {
      const once = normaliseFlags(entries(flags), table)
      expect(normaliseFlags(once.flags, table)).toEqual({ flags: once.flags, problems: expect.any(Array) })
    }),
  )
})

test('what has no problem comes out as flags that the binary has', () => {
  fc.assert(
    fc.property(fc.dictionary(keys, values, { maxKeys: 5 }), (flags) => {
      const { flags: normalised, problems } = normaliseFlags(entries(flags), newFlags)
      fc.pre(problems.length === 0)
      const names = flagWords(normalised, newFlags).filter((word) => word.startsWith('--'))
      expect(names.filter((name) => newFlags.find(name) === undefined)).toEqual([])
    }),
  )
})
