import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { ConfigError } from '../../../src/config/config-error.ts'
import { parseProfiles, profileProblems } from '../../support/resolved-profiles.ts'

test('mappings are merged key by key, lists and single values take the place of what is inherited', () => {
  const own = [
    'profiles:',
    '  base: {template: true, sampling: {temperature: 0.7, top_k: 20}, args: [--a], kv_cache: {k: q8_0, v: q8_0}}',
    '  mine: {extends: base, model: org/m, sampling: {temperature: 1}, args: [--b], kv_cache: {v: f16}}',
  ].join('\n')
  expect(parseProfiles({ own }).config.profiles['mine']).toMatchObject({
    sampling: { temperature: 1, top_k: 20 },
    args: ['--b'],
    kv_cache: { k: 'q8_0', v: 'f16' },
  })
})

test('of two profiles that are extended the later counts, and what the profile says itself above both', () => {
  const own = [
    'profiles:',
    '  a: {template: true, context: 1, parallel: 1, weight: 1}',
    '  b: {template: true, context: 2, parallel: 2}',
    '  c: {extends: [a, b], model: org/m, context: 3}',
  ].join('\n')
  expect(parseProfiles({ own }).config.profiles['c']).toMatchObject({ context: 3, parallel: 2, weight: 1 })
})

test('a key with nothing after it takes the inherited one away, at any depth', () => {
  const own = [
    'profiles:',
    '  a: {template: true, context: 1, sampling: {top_k: 20, top_p: 0.9}}',
    '  b: {extends: a, model: org/m, context: , sampling: {top_k: }}',
  ].join('\n')
  const profile = parseProfiles({ own }).config.profiles['b']
  expect(profile?.context).toBeUndefined()
  expect(profile?.sampling).toEqual({ top_p: 0.9 })
})

test('what says something about one profile alone is not inherited', () => {
  const own = ['profiles:', '  a: {model: org/a, description: A, aliases: [x], port: 9000}', '  b: {extends: a}'].join(
    '\n',
  )
  const profile = parseProfiles({ own }).config.profiles['b']
  expect(profile).toMatchObject({ model: 'org/a', aliases: [], template: false })
  expect([profile?.description, profile?.port]).toEqual([undefined, undefined])
})

test('macros are put in after inheritance, so a profile may change only a macro of another', () => {
  const own = 'profiles:\n  mine: {extends: long, model: org/m, macros: {tokens: 65536}}'
  const files = {
    'base.yaml':
      'macros: {tokens: 1024, kind: q8_0}\nprofiles:\n  long: {template: true, context: "${tokens}", kv_cache: {k: "${kind}"}}',
  }
  expect(parseProfiles({ own, files }).config.profiles['mine']).toMatchObject({
    context: 65536,
    kv_cache: { k: 'q8_0' },
  })
})

test('a macro may hold macros and variables, and a value that is nothing but one keeps its type', () => {
  const own = [
    'profiles:',
    '  mine:',
    '    macros: {root: "${env.MODELS}", file: "${root}/m.gguf", yes: true, n: 5}',
    '    model: ${file}',
    '    pin: ${yes}',
    '    gpu_layers: ${n}',
    '    parallel: ${env.SLOTS}',
    '    description: $${root} of ${MODEL_ID} on ${n}',
  ].join('\n')
  expect(parseProfiles({ own, env: { MODELS: '/srv', SLOTS: '3' } }).config.profiles['mine']).toMatchObject({
    model: '/srv/m.gguf',
    pin: true,
    gpu_layers: 5,
    parallel: 3,
    description: '${root} of mine on 5',
  })
})

test('the port and the process stay for whoever launches, and so does a literal ${PORT}', () => {
  const own = 'profiles: {a: {engine: command, command: ["x", "${PORT}", "$${PORT}"], stop: {command: "kill ${PID}"}}}'
  expect(parseProfiles({ own }).config.profiles['a']).toMatchObject({
    command: ['x', '${PORT}', '$${PORT}'],
    stop: { command: 'kill ${PID}' },
  })
})

test('paths start from the folder of the file in which they are written', () => {
  const own = 'profiles:\n  mine: {extends: base, mmproj: p.gguf}\n  hub: {model: "org/name:Q4_K_M"}'
  const files = { 'base.yaml': 'profiles:\n  base: {template: true, model: ../w/m.gguf}' }
  const { profiles } = parseProfiles({ own, files }).config
  expect(profiles['mine']).toMatchObject({ model: '/etc/llmr/w/m.gguf', mmproj: '/etc/llmr/p.gguf' })
  expect(profiles['hub']?.model).toBe('org/name:Q4_K_M')
})

test('a profile may take the name of a shipped template and extend it; the others still extend the shipped one', () => {
  const own = 'profiles:\n  qwen: {extends: qwen, model: org/q, context: 5}\n  other: {extends: qwen, parallel: 2}'
  const shipped = { 'qwen.yaml': 'profiles:\n  qwen: {template: true, weight: 7}' }
  const { config, templates } = parseProfiles({ own, shipped })
  expect(config.profiles).toMatchObject({
    qwen: { weight: 7, context: 5 },
    other: { weight: 7, context: 5, parallel: 2 },
  })
  expect(templates).toEqual({})
})

test('what a macro makes wrong is reported where the wrong value is written, in whichever file that is', () => {
  const own = ['profiles:', '  mine:', '    extends: base', '    model: org/m', '    macros: {tokens: many}', ''].join(
    '\n',
  )
  const files = {
    'base.yaml': 'profiles:\n  base:\n    template: true\n    macros: {tokens: 1}\n    context: ${tokens}\n',
  }
  expect(profileProblems({ own, files })).toEqual([
    'base.yaml:5:14 profiles.mine.context: expected a whole number, got the value of "${tokens}"',
  ])
})

test('a profile that gives a command needs not say that its engine is one', () => {
  const own = 'profiles: {a: {command: "x ${PORT}"}, b: {extends: a}, c: {model: org/m}}'
  const { profiles } = parseProfiles({ own }).config
  expect(Object.values(profiles).map(({ engine }) => engine)).toEqual(['command', 'command', 'llama-server'])
})

test.each([
  ['{a: {modl: x}}', 'profiles.a.modl: unknown key; did you mean "model"?'],
  ['{a: {model: org/m, extends: b}, bb: {template: true}}', 'profiles.a.extends: no profile is named "b"'],
  ['{chat: {model: org/m}, a: {extends: chta}}', 'no profile is named "chta"; did you mean "chat"?'],
  ['{a: {extends: b}, b: {extends: [c]}, c: {extends: a}}', 'this goes round in a circle: a → b → c → a'],
  ['{a: {extends: a, model: org/m}}', 'profiles.a.extends: this goes round in a circle: a → a'],
  ['{a: {model: "${m}"}}', 'no macro is named "m"; add it to macros, or write $${ for a plain ${'],
  ['{a: {model: "${modl}", macros: {model: x/y}}}', 'did you mean ${model}?'],
  ['{a: {model: "${env.NOPE}"}}', 'the environment variable NOPE is not set'],
  ['{a: {model: "${m}", macros: {m: "${n}", n: "${m}"}}}', 'the macro goes round in a circle: m → n → m'],
  ['{a: {model: "${1}"}}', 'expected ${NAME} of a macro or ${env.NAME}'],
  ['{a: {context: 1}}', 'profiles.a: expected model, the weights to load'],
  ['{a: {engine: command}}', 'profiles.a: expected command, as engine is command'],
  [
    '{a: {model: org/m, sleep: {level: 1}}}',
    'profiles.a.sleep: has no effect with engine llama-server, only with vllm',
  ],
  ['{a: {model: org/m, port: 9}, b: {model: org/n, port: 9}}', 'profiles.b.port: profile "a" has port 9 too'],
  [
    '{a: {model: org/m, aliases: [b]}, b: {model: org/n}}',
    'profiles.a.aliases[0]: the name "b" belongs to profile "b" too',
  ],
  [
    '{a: {model: org/m, aliases: [x]}, b: {model: org/n, filters: {set_by_name: {x: {}}}}}',
    'the name "x" belongs to profile "a" too',
  ],
  [
    '{a: {model: org/m, group: chta}}, scheduling: {groups: {chat: {}}}',
    'no group is named "chta"; did you mean "chat"?',
  ],
  [
    '{a: {model: org/m, pools: {gpu1: 1GiB}}}, scheduling: {pools: {gpu0: 1GiB}}',
    'no pool is named "gpu1"; did you mean "gpu0"?',
  ],
  ['{a: {model: org/m, sampling: [1]}}', 'expected a mapping'],
])('profiles: %s: %s', (text, message) => {
  expect(profileProblems({ own: `{profiles: ${text}}` }).join('\n')).toContain(message)
})

test('a name that stands in two files is reported with the place of the other', () => {
  const files = { 'a.yaml': 'profiles:\n  x: {model: org/a}', 'b.yaml': '\nprofiles:\n  x: {model: org/b}' }
  expect(profileProblems({ own: '', files })).toEqual([
    'b.yaml:3:3 profiles.x: this profile stands in /etc/llmr/profiles/a.yaml:2 too; keep one, or give one of them another name',
  ])
})

test('macros that stand for very much are refused instead of being written out', () => {
  const macros = Array.from(
    { length: 12 },
    (_, index) => `m${index}: "${'${m'.concat(String(index + 1), '}').repeat(8)}"`,
  )
  const own = `profiles: {a: {model: "\${m0}.gguf", macros: {${macros.join(', ')}, m12: xxxxxxxx}}}`
  expect(profileProblems({ own }).join('\n')).toContain('expected macros that come to at most 65536 characters')
})

test('a profile that is inherited over many ways is worked out once', () => {
  const generation = (index: number): string => {
    const bases = Array(6)
      .fill(`p${index - 1}`)
      .join(', ')
    return `p${index}: {extends: [${bases}]}`
  }
  const generations = Array.from({ length: 12 }, (_, index) => generation(index + 1))
  const own = `profiles: {p0: {model: org/m, context: 5}, ${generations.join(', ')}}`
  expect(parseProfiles({ own }).config.profiles['p12']).toMatchObject({ context: 5 })
})

test('an engine that is open to the network is warned of, at its line', () => {
  const { warnings } = parseProfiles({ own: 'profiles:\n  a: {model: org/m, host: 0.0.0.0}\n' })
  expect(warnings).toMatchObject([{ line: 2, column: 27, path: 'profiles.a.host' }])
})

test('other sections may name profiles as models', () => {
  const own =
    'profiles: {chat: {model: org/m, aliases: [gpt]}}\nrouting: {default_model: chta}\nmodels: {auto: {pick: {general: gpt}}}'
  expect(parseProfiles({ own }).warnings.map(({ message }) => message)).toEqual([
    'no model here is named "chta"; did you mean "chat"?',
  ])
})

test('any YAML as profiles ends in profiles or in problems with a place, never in a crash', () => {
  const leaf = fc.oneof(
    fc.constantFrom('${a}', '${PORT}', '${env.X}', '$${', '${', 'base', 'mine', '8', null, true, 1.5),
    fc.string({ maxLength: 8 }),
    fc.integer(),
  )
  const keys = fc.constantFrom(
    'extends',
    'macros',
    'model',
    'flags',
    'context',
    'a',
    'ready',
    'path',
    'env',
    'template',
  )
  const tree = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(keys, tie('value'), { maxKeys: 4 }),
    ),
  })).value
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('base', 'mine', 'x y', ''), tree, { maxKeys: 3 }),
      tree,
      (profiles, macros) => {
        const files = { 'f.yaml': JSON.stringify({ profiles, macros }) }
        try {
          parseProfiles({ own: JSON.stringify({ profiles }), files })
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error
          for (const { line, column, message } of error.problems) {
            expect([line > 0, column > 0, message !== '']).toEqual([true, true, true])
          }
        }
      },
    ),
  )
})

test('a path that begins with ~/ starts from the home folder, in whatever file it stands; other names do not', () => {
  const own = [
    'profiles:',
    '  a: {binary: ~/bin/llama-server, model: ~/models/a.gguf, mmproj: ~/models/a-mmproj.gguf, log: {folder: ~/logs}}',
    '  b: {binary: llama-server, model: models/b.gguf}',
    '  c: {binary: build/llama-server, model: org/c:Q4}',
  ].join('\n')
  const { a, b, c } = parseProfiles({ own, env: { HOME: '/home/me' } }).config.profiles
  expect(a).toMatchObject({
    binary: '/home/me/bin/llama-server',
    model: '/home/me/models/a.gguf',
    mmproj: '/home/me/models/a-mmproj.gguf',
    log: { folder: '/home/me/logs' },
  })
  expect([b?.binary, b?.model?.endsWith('/models/b.gguf')]).toEqual(['llama-server', true])
  expect([c?.binary?.startsWith('/') && c.binary.endsWith('/build/llama-server'), c?.model]).toEqual([true, 'org/c:Q4'])
})
