import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

import { normaliseProfiles } from '../../../src/profiles/normalise/normalise-profiles.ts'
import { newFlags, oldFlags } from '../../support/flag-tables.ts'

function normalise(text: string, table = newFlags) {
  const result = normaliseProfiles(text, () => table)
  if (result === undefined) throw new Error('not YAML')
  return result
}

const written = `# the box in the attic
profiles:
  chat: # for everyone
    model: /m.gguf
    flags:
      n_ctx: 8192 # as much as fits
      no_mmap: true   # cold disk
      mlock: yes
      # about attention
      flash_attn: true
      "cache_type_k": 'q8_0'
      n_gpu_layers: \${layers}
      kv-offload: "no"
      nonsense: 3
  inline: {model: x/y, flags: {n_ctx: 1, no_mmap: true, mlock: true, metrics: yes}}
  other: {engine: command, command: x, flags: {n_ctx: 1}}
listen: {port:   80}
`

test('only what changes is written anew: comments, order, quotes and everything else stay (N4.2)', () => {
  const { text, problems } =
    normaliseProfiles(written, ({ engine }) => (engine === undefined ? newFlags : undefined)) ?? {}
  expect(text).toBe(`# the box in the attic
profiles:
  chat: # for everyone
    model: /m.gguf
    flags:
      ctx-size: 8192 # as much as fits
      load-mode: mlock   # cold disk
      # about attention
      flash-attn: on
      "cache-type-k": 'q8_0'
      gpu-layers: \${layers}
      kv-offload: false
      nonsense: 3
  inline: {model: x/y, flags: {ctx-size: 1, load-mode: mlock, metrics: true}}
  other: {engine: command, command: x, flags: {n_ctx: 1}}
listen: {port:   80}
`)
  expect(problems).toMatchObject([{ line: 14, profile: 'chat' }])
})

test('each change is told with its line', () => {
  expect(normalise(written).changes[0]).toEqual({ line: 6, profile: 'chat', message: 'n_ctx: 8192 → ctx-size: 8192' })
})

test('one flag may become two for an older binary, at the same indentation', () => {
  const { text } = normalise('profiles:\n  a:\n    flags:\n      load-mode: mlock # why\n', oldFlags)
  expect(text).toBe('profiles:\n  a:\n    flags:\n      no-mmap: true\n      mlock: true # why\n')
})

test('of two entries that mean one flag the earlier goes', () => {
  expect(normalise('profiles: {a: {flags: {n_ctx: 1, ctx-size: 2}}}').text).toBe(
    'profiles: {a: {flags: {ctx-size: 2}}}',
  )
  expect(normalise('profiles: {a: {flags: {metrics: true, n_ctx: 1, c: 2}}}').text).toBe(
    'profiles: {a: {flags: {metrics: true, ctx-size: 2}}}',
  )
})

test('a text that is not YAML is left alone', () => {
  expect(normaliseProfiles('a: [', () => newFlags)).toBeUndefined()
  expect(normalise('just a text').text).toBe('just a text')
})

const flags = fc.dictionary(
  fc.constantFrom(
    'n_ctx',
    'ctx-size',
    'no_mmap',
    'mlock',
    'load-mode',
    'flash_attn',
    'fa',
    'metrics',
    'x y',
    'no-kv-offload',
    'lora',
  ),
  fc.oneof(
    fc.constantFrom(true, false, 'yes', 'off', 'q8_0', '${m}', 1, ''),
    fc.array(fc.constantFrom('a', 1), { maxLength: 2 }),
  ),
  { maxKeys: 7 },
)

test('a second run changes nothing, the result is YAML, and nothing but flags has changed', () => {
  fc.assert(
    fc.property(flags, fc.boolean(), fc.constantFrom(newFlags, oldFlags), (content, isFlow, table) => {
      const inner = isFlow
        ? ` ${JSON.stringify(content)}\n`
        : `\n${Object.entries(content)
            .map(([key, value]) => `      ${JSON.stringify(key)}: ${JSON.stringify(value)} # ${key}\n`)
            .join('')}`
      const text = `# top\nprofiles:\n  a:\n    flags:${inner}    model: x/y # end\nother: 1\n`
      const once = normalise(text, table)
      const twice = normalise(once.text, table)
      expect({ text: twice.text, changes: twice.changes }).toEqual({ text: once.text, changes: [] })
      expect(parse(once.text)).toMatchObject({ profiles: { a: { model: 'x/y' } }, other: 1 })
      expect(once.text).toMatch(/^# top\n[\s\S]*model: x\/y # end\nother: 1\n$/)
    }),
  )
})

test('any text ends in a text, never in a crash', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom(
          'profiles',
          'flags',
          'n_ctx',
          ':',
          ' ',
          '\n',
          '{',
          '}',
          '- ',
          '&a',
          '*a',
          '"',
          '1',
          '# c',
        ),
      }),
      (text) => {
        const result = normaliseProfiles(text, () => newFlags)
        if (result !== undefined) expect(typeof result.text).toBe('string')
      },
    ),
  )
})
