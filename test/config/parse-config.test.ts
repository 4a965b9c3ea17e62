import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { describeSchema } from '../../src/config/describe-schema.ts'
import type { Shape } from '../../src/config/describe-schema.ts'
import { configSchema } from '../../src/config/schema.ts'
import { linesOf, parse, problemsOf } from '../support/problems-of.ts'

const shape = describeSchema(configSchema(['vllm']))

test('an empty file is the defaults, frozen all the way down', () => {
  const { config, warnings } = parse('')
  expect(config).toMatchObject({ listen: { host: '127.0.0.1', port: 8411 }, backends: {}, models: {} })
  expect(warnings).toEqual([])
  for (const value of [config, config.listen, config.listen.hosts, config.resilience.breaker]) {
    expect(Object.isFrozen(value)).toBe(true)
  }
})

test('a section whose lines are all commented out is an empty section', () => {
  const { config } = parse('listen:\n  # port: 1\nmodels:\n  qwen3-*:\n')
  expect(config.listen.port).toBe(8411)
  expect(config.models['qwen3-*']).toMatchObject({ aliases: [], fallbacks: [] })
})

test('durations become milliseconds and sizes bytes', () => {
  const { config } = parse('listen: {max_body: 1.5MiB, body_timeout: 2m, shutdown_timeout: 0s}')
  expect(config.listen).toMatchObject({ max_body: 1_572_864, body_timeout: 120_000, shutdown_timeout: 0 })
})

test('the address of a backend is kept without a slash and /v1 at its end', () => {
  const urls = ['http://a:1', 'http://a:1/', 'http://a:1/v1', 'http://a:1/v1/']
  for (const url of urls) expect(parse(`backends: {a: {url: ${url}}}`).config.backends['a']?.url).toBe('http://a:1')
  expect(parse('backends: {a: {url: https://a/api/v1}}').config.backends['a']?.url).toBe('https://a/api')
})

test('one word for memory is its short form, and a wrong one is told what may stand there', () => {
  expect(parse('memory: on').config.memory).toEqual(parse('memory: { keep: on }').config.memory)
  expect(parse('memory: off').config.memory).toEqual(parse('').config.memory)
  expect(parse('memory: ${env.KEEP}', { env: { KEEP: 'authenticated' } }).config.memory.keep).toBe('authenticated')
  expect(linesOf('memory: yes')).toEqual([
    '1:9 memory: expected one of off, authenticated, on or a mapping (indented "key: value" lines), got a text',
  ])
  expect(linesOf('memory: { recal: off }')).toEqual(['1:11 memory.recal: unknown key; did you mean "recall"?'])
})

test('a relative path starts from the folder of the file', () => {
  const text = 'listen: {tls: {cert: tls/cert.pem, key: /keys/key.pem}}'
  const { config } = parse(text, { file: '/etc/llmr/llmr.yaml' })
  expect(config.listen.tls).toEqual({ cert: '/etc/llmr/tls/cert.pem', key: '/keys/key.pem' })
})

test('a path that begins with ~/ starts from the home of whoever runs llmr', () => {
  const text = 'listen: {tls: {cert: ~/tls/cert.pem, key: ~/key.pem}}'
  const { config } = parse(text, { file: '/etc/llmr/llmr.yaml', env: { HOME: '/home/me' } })
  expect(config.listen.tls).toEqual({ cert: '/home/me/tls/cert.pem', key: '/home/me/key.pem' })
})

test('on, off, yes and no are texts, as in YAML 1.2, and a name that looks like a number is a name', () => {
  const { config } = parse('models:\n  on: {}\n  4.0: {}\n  null: {aliases: [yes, off]}\n')
  expect(Object.keys(config.models).toSorted()).toEqual(['4.0', 'null', 'on'])
  expect(config.models['null']?.aliases).toEqual(['yes', 'off'])
})

test('anchors, aliases and merge keys work, and what stands in the mapping itself wins', () => {
  const text = [
    'backends:',
    '  a: &base {url: http://a, kind: vllm, headers: &headers {x-team: red}}',
    '  b: {<<: *base, url: http://b}',
    '  c: {url: http://c, <<: [{kind: ollama}, *base], headers: *headers}',
  ].join('\n')
  expect(parse(text).config.backends).toMatchObject({
    b: { url: 'http://b', kind: 'vllm', headers: { 'x-team': 'red' } },
    c: { url: 'http://c', kind: 'ollama', headers: { 'x-team': 'red' } },
  })
})

test('all problems are told at once, in the order of the file', () => {
  const text = [
    'listen:',
    '  prot: 8080',
    '  port: "8080"',
    'backends:',
    '  gpu: {url: ftp://gpu, kind: vlm}',
    '  cpu:',
    'dialects: {keep_alive: {interval: 2m}}',
    'models:',
    '  m: {backends: [gpo]}',
    'listen: {}',
    '',
  ].join('\n')
  expect(linesOf(text)).toEqual([
    '2:3 listen.prot: unknown key; did you mean "port"?',
    '3:9 listen.port: expected a whole number, got "8080"',
    '5:14 backends.gpu.url: expected an http:// or https:// URL, got "ftp://gpu"',
    '5:31 backends.gpu.kind: expected one of auto, llama.cpp, vllm, ollama, got "vlm"; did you mean "vllm"?',
    expect.stringMatching(/^6:3 backends\.cpu\.url: missing key: /),
    '7:35 dialects.keep_alive.interval: expected at most delta_interval, as an empty delta is the later and stronger sign of life',
    '9:18 models.m.backends[0]: no backend is named "gpo"; did you mean "gpu"?',
    '10:1 listen: this key stands twice, first on line 1; keep one',
  ])
})

test.each([
  ['listen: {port: 70000}', 'expected 65535 or less, got 70000'],
  ['listen: {port: 1.5}', 'expected a whole number, got 1.5'],
  ['listen: {port: [1]}', 'expected a whole number, got a list'],
  ['listen: {port: }', 'expected a whole number, got nothing'],
  ['listen: 8080', 'expected a mapping (indented "key: value" lines), got a number'],
  ['listen: {hosts: gpu.lan}', 'expected a list such as [a, b], got a text'],
  ['listen: {body_timeout: 30}', 'expected a duration such as 30s, 500ms or 10m, got 30; add the unit'],
  ['listen: {body_timeout: 0s}', 'expected a duration from 1ms to 24d, got "0s"'],
  ['listen: {body_timeout: 30d}', 'expected a duration from 1ms to 24d, got "30d"'],
  ['listen: {max_body: 64M}', 'expected a size such as 64MiB or 24GiB, got "64M"'],
  ['listen: {host: 8}', 'expected a text, got 8; put it in quotes: "8"'],
  ['auth: {required: "yes"}', 'expected true or false, got "yes"'],
  ['auth: {keys: [{name: a, sha256: &h 0, expires: tomorrow}]}', 'expected a date such as 2030-12-31, got "tomorrow"'],
  ['backends: {a: {url: http://a, weight: 0}}', 'expected more than 0, got 0'],
  ['resilience: {max_attempts: 0}', 'expected 1 or more, got 0'],
  ['resilience: {policy: ordred}', 'did you mean "ordered"?'],
  ['backends: {"a b": {url: http://a}}', 'expected a name of letters, digits, dots, dashes or underscores'],
  ['auth: {jwt: {secret: short}}', 'expected 32 or more characters, got a text'],
  ['port: 1', 'unknown key; did you mean listen.port?'],
  ['profiles: {a: {model: org/m, memory: 9GiB}}', 'unknown key; did you mean memory at the top of the file?'],
  ['zzzzzz: 1', 'unknown key; expected one of listen, auth, backends'],
])('%s: %s', (text, message) => {
  expect(linesOf(text).join('\n')).toContain(message)
})

test.each([
  ['a: b: c', '1:4'],
  ['listen:\n\tport: 1', '2:1'],
  ['listen: [', '1:10'],
  ['listen:\n  port: 1\n host: x', '3:1'],
  ['x: "abc', '1:8'],
  ['listen: {}\n---\nauth: {}', '2:1'],
  ['backends: *nowhere', '1:11'],
  ['listen: !custom 3', '1:9'],
  ['models: {m: {upstream: !!binary aGk=}}', '1:24'],
  ['? [a]\n: 1', '1:3'],
  ['__proto__: {}', '1:1'],
])('what is not YAML is told with its place: %j', (text, place) => {
  const [problem] = problemsOf(text)
  expect(problem).toMatchObject({ file: 'llmr.yaml', code: 'syntax' })
  expect(`${problem?.line}:${problem?.column}`).toBe(place)
})

test('nesting, aliases and length are bounded', () => {
  const bomb = Array.from({ length: 12 }, (_, i) => `a${i}: &a${i} [${i === 0 ? 'x' : `*a${i - 1},`.repeat(9)}]`)
  for (const text of [
    '['.repeat(5_000),
    `${'['.repeat(100)}${']'.repeat(100)}`,
    bomb.join('\n'),
    ' '.repeat(2 ** 21),
  ]) {
    expect(problemsOf(text).some(({ code }) => code === 'syntax')).toBe(true)
  }
})

test('a long chain of fallbacks is a problem and not a crash', () => {
  const chain = Array.from({ length: 2_000 }, (_, index) => `  m${index}: {fallbacks: [m${index + 1}]}`)
  expect(linesOf(`models:\n${chain.join('\n')}\n`).join()).toContain('expected at most 32 models')
})

/** Text that is nearly a configuration: the more interesting half of all texts. */
const nearlyYaml = fc.array(
  fc.oneof(
    fc.constantFrom(
      'listen',
      'backends',
      'models',
      'auth',
      'keys',
      'url',
      'port',
      'pick',
      '<<',
      '*a',
      '&a ',
      '${env.A}',
    ),
    fc.constantFrom(
      ': ',
      ':\n  ',
      '\n',
      '\n- ',
      '[',
      ']',
      '{',
      '}',
      ', ',
      '"',
      "'",
      '# ',
      '|\n',
      '!!str ',
      '---\n',
      '\t',
    ),
    fc.string({ maxLength: 4 }),
    fc.constantFrom(
      'null',
      'true',
      '1',
      '-1e9',
      '.inf',
      '0x1F',
      '30s',
      '64MiB',
      'http://a',
      '__proto__',
      'constructor',
    ),
  ),
  { maxLength: 40 },
)

test('any text is a configuration or a list of placed problems, never a crash', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    nearlyYaml.map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const lines = text.split(/\r\n|\r|\n/).length
      for (const { line, column, message } of problemsOf(text, { env: { A: 'x' }, hasStoredKeys: false })) {
        expect(line).toBeGreaterThanOrEqual(1)
        expect(line).toBeLessThanOrEqual(lines)
        expect(column).toBeGreaterThanOrEqual(1)
        expect(message).not.toBe('')
      }
    }),
  )
})

/** The path of every mapping with fixed keys; entries of the operator's naming are called `entry`. */
function sections(one: Shape, above: readonly string[] = []): readonly { path: readonly string[]; keys: string[] }[] {
  if (one.kind === 'record') return sections(one.value, [...above, 'entry'])
  if (one.kind !== 'object') return []
  const below = Array.from(one.keys).flatMap(([key, value]) => sections(value, [...above, key]))
  return [{ path: above, keys: [...one.keys.keys()] }, ...below]
}

test('an unknown key is found in every section, on its line', () => {
  const places = fc.constantFrom(...sections(shape))
  const names = fc.stringMatching(/^[a-z][a-z_]{0,20}$/)
  fc.assert(
    fc.property(places, names, fc.nat(5), ({ path, keys }, name, comments) => {
      fc.pre(!keys.includes(name))
      const lines = [
        ...Array<string>(comments).fill('# nothing'),
        ...path.map((key, depth) => `${'  '.repeat(depth)}${key}:`),
      ]
      const text = [...lines, `${'  '.repeat(path.length)}${name}: 1`].join('\n')
      expect(problemsOf(text)).toContainEqual(
        expect.objectContaining({
          code: 'unknown_key',
          path: [...path, name].join('.'),
          line: lines.length + 1,
          column: path.length * 2 + 1,
        }),
      )
    }),
  )
})

test('one slip in a key finds the key that was meant', () => {
  const candidates = sections(shape).flatMap(({ path, keys }) => keys.map((key) => ({ path, keys, key })))
  fc.assert(
    fc.property(fc.constantFrom(...candidates), fc.nat(), ({ path, keys, key }, at) => {
      const index = at % key.length
      const slipped = key.slice(0, index) + key.slice(index + 1)
      // Of two keys that are one slip away either may be meant.
      fc.pre(
        slipped.length > 2 && !keys.includes(slipped) && keys.filter((other) => isNear(other, slipped)).length === 1,
      )
      const text = [...path, slipped].map((step, depth) => `${'  '.repeat(depth)}${step}:`).join('\n')
      expect(linesOf(text).join('\n')).toContain(`did you mean "${key}"?`)
    }),
  )
})

function isNear(key: string, slipped: string): boolean {
  return Math.abs(key.length - slipped.length) <= 1
}
