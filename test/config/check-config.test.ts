import { expect, test } from 'vitest'

import { checkExposure, isLoopback } from '../../src/config/check-exposure.ts'
import { linesOf, parse, problemsOf } from '../support/problems-of.ts'

const key = (name: string, digit: string) => `{name: ${name}, sha256: '${digit.repeat(64)}'}`

function warningsOf(text: string): readonly string[] {
  return parse(text).warnings.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`)
}

test.each(['127.0.0.1', '127.8.8.8', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', 'localhost', 'LOCALHOST'])(
  '%s is loopback',
  (host) => expect(isLoopback(host)).toBe(true),
)

test.each(['0.0.0.0', '::', '192.168.1.1', 'gpu.lan', 'localhost.evil.example', '', '127.0.0.1.example'])(
  '%j is not loopback',
  (host) => expect(isLoopback(host)).toBe(false),
)

test('an address that others can reach needs auth, and the message says the way out', () => {
  const open = 'listen:\n  host: 0.0.0.0\n'
  expect(linesOf(open, { hasStoredKeys: false })).toEqual([
    '2:9 listen.host: 0.0.0.0 can be reached from other machines and there is no key; make one with `llmr keys create NAME`, or listen on 127.0.0.1',
  ])
  expect(problemsOf(open, { hasStoredKeys: true })).toEqual([])
  expect(problemsOf(`${open}auth: {keys: [${key('a', '0')}]}`, { hasStoredKeys: false })).toEqual([])
  expect(problemsOf(`${open}auth: {jwt: {jwks_url: https://id}}`, { hasStoredKeys: false })).toEqual([])
  expect(problemsOf('listen: {host: 127.0.0.1}', { hasStoredKeys: false })).toEqual([])
})

test('keys do not help when auth is turned off', () => {
  const { auth } = parse(`auth: {required: false, keys: [${key('a', '0')}]}`).config
  expect(checkExposure({ host: '::', auth, hasStoredKeys: true })).toMatchObject({
    path: ['listen', 'host'],
    code: 'no_auth',
  })
  expect(checkExposure({ host: '::1', auth, hasStoredKeys: true })).toBeUndefined()
})

test('a wrong key is one problem, not also a missing one', () => {
  expect(linesOf('listen: {host: 0.0.0.0}\nauth: {keys: [{name: a, sha256: x}]}', { hasStoredKeys: false })).toEqual([
    '2:33 auth.keys[0].sha256: expected 64 lower-case hex digits, the SHA-256 of the key, got a text',
  ])
})

test.each([
  ['listen: {host: "0.0.0.0:80"}', 'listen.host', 'the port belongs in listen.port'],
  ['listen: {host: "[::1]"}', 'listen.host', 'expected an address'],
  ['listen: {hosts: [ok.example, http://x]}', 'listen.hosts[1]', 'without scheme and port'],
  ['listen: {cors_origins: [https://a, https://a/]}', 'listen.cors_origins[1]', 'without a path'],
  ['listen: {trusted_proxies: [10.0.0.0/8, 10.0.0.0/33]}', 'listen.trusted_proxies[1]', 'such as 10.0.0.0/8'],
  ['listen: {trusted_proxies: ["fd00::/128", proxy.lan]}', 'listen.trusted_proxies[1]', 'such as 10.0.0.0/8'],
  [`auth: {keys: [${key('a', '0')}, ${key('a', '1')}]}`, 'auth.keys[1].name', 'auth.keys[0] has the same name'],
  [`auth: {keys: [${key('a', '0')}, ${key('b', '0')}]}`, 'auth.keys[1].sha256', 'auth.keys[0] is the same key'],
  [
    'memory: {keep: on, embeddings: {model: m, backend: boxx}}\nbackends: {box: {url: http://b}}',
    'memory.embeddings.backend',
    '"box"',
  ],
  ['memory: {keep: on, summaries: {model: m, backend: box}}', 'memory.summaries.backend', 'none is configured'],
  ['memory: {keep: on, embeddings: {model: m, backend: box, url: http://b}}', 'memory.embeddings.url', 'take one away'],
  ['memory: {keep: on, embeddings: {model: m, api_key: x}}', 'memory.embeddings.api_key', 'no effect without url'],
  [
    'memory: {keep: on, embeddings: {model: m, url: https://api.example}}',
    'memory.embeddings.url',
    'set may_leave to cloud',
  ],
  [
    'memory: {keep: on, summaries: {model: m, backend: box, may_leave: local}}\nbackends: {box: {url: http://10.0.0.1}}',
    'memory.summaries.backend',
    'which is lan; set may_leave to lan',
  ],
  ['memory: {embeddings: {model: m}}', 'memory.embeddings', 'set memory.keep'],
  ['auth: {jwt: {}}', 'auth.jwt', 'got neither'],
  [`auth: {jwt: {secret: ${'x'.repeat(32)}, jwks_url: https://id}}`, 'auth.jwt', 'got both'],
  ['dialects: {keep_alive: {interval: 61s}}', 'dialects.keep_alive.interval', 'at most delta_interval'],
  ['resilience: {health: {failing_interval: 31s}}', 'resilience.health.failing_interval', 'at most interval'],
  ['models: {a: {aliases: [a]}}', 'models.a.aliases[0]', 'is its own name'],
  ['models: {a: {aliases: [b]}, b: {}}', 'models.a.aliases[0]', 'is a model of its own'],
  ['models: {a: {aliases: [x]}, b: {aliases: [y, x]}}', 'models.b.aliases[1]', 'is an alias of "a" already'],
  ['models: {a: {fallbacks: [b]}, b: {fallbacks: [c]}, c: {fallbacks: [a]}}', 'models.c.fallbacks[0]', 'a → b → c → a'],
  ['models: {a: {fallbacks: [x]}, b: {aliases: [x], fallbacks: [a]}}', 'models.b.fallbacks[0]', 'a → b → a'],
  ['models: {auto: {pick: {general: auto}}}', 'models.auto.pick.general', 'auto → auto'],
])('%s: %s %s', (text, path, message) => {
  const problems = problemsOf(text)
  expect(problems).toMatchObject([{ path, message: expect.stringContaining(message), line: 1 }])
})

test.each([
  'listen: {host: gpu.lan, hosts: [a.example, 10.0.0.1], cors_origins: [app://obsidian.md, http://localhost:3000]}',
  'listen: {trusted_proxies: [10.0.0.1, 10.0.0.0/8, "fd00::/8", "::1"]}',
  'models: {qwen3-*: {fallbacks: [qwen3-8b]}}',
  'models: {a: {fallbacks: [c]}, b: {fallbacks: [c]}, c: {}}',
  'backends: {gpu-1: {url: http://a}}\nmodels: {a: {backends: [gpu-*]}}',
])('%s is fine', (text) => {
  expect(problemsOf(text)).toEqual([])
  expect(warningsOf(text)).toEqual([])
})

test('a glob of backends that matches none is a problem, unless the backends are still to be found', () => {
  const models = 'models: {m: {backends: [gpu-*, towr]}}'
  expect(linesOf(`backends: {tower: {url: http://a}}\n${models}`)).toEqual([
    '2:25 models.m.backends[0]: no backend is named "gpu-*"; there are tower',
    '2:32 models.m.backends[1]: no backend is named "towr"; did you mean "tower"?',
  ])
  expect(warningsOf(models)).toHaveLength(2)
})

test('a backend that is wrong itself is still there for those who name it', () => {
  expect(linesOf('backends: {tower: {url: nope}}\nmodels: {m: {backends: [tower]}}')).toHaveLength(1)
})

test('a wrong item of a list hides no problem elsewhere, and no place moves', () => {
  const text = [
    'auth:',
    '  keys:',
    '    - {name: a}',
    `    - {name: b, sha256: '${'1'.repeat(64)}'}`,
    `    - {name: c, sha256: '${'1'.repeat(64)}'}`,
    'models: {m: {aliases: [3, m]}, n: {aliases: [n]}}',
  ].join('\n')
  expect(problemsOf(text).map(({ path }) => path)).toEqual([
    'auth.keys[0].sha256',
    'models.m.aliases[0]',
    'models.n.aliases[0]',
  ])
})

test('a name that is close to a known one earns a warning, one that a backend may report does not', () => {
  const open = 'backends: {a: {url: http://a}}\n'
  expect(warningsOf(`${open}models: {qwen3-coder: {}}\nrouting: {default_model: qwen3-codr}`)).toEqual([
    '3:26 routing.default_model: no model here is named "qwen3-codr"; did you mean "qwen3-coder"?',
  ])
  expect(warningsOf(`${open}models: {qwen3-8b: {fallbacks: [qwen3-4b, llama3]}}`)).toEqual([])
})

test('a name that no backend may have earns a warning', () => {
  const text = [
    'backends: {a: {url: http://a, models: [qwen*]}}',
    'models: {auto: {pick: {general: qwen3, coding: coder}}, m: {fallbacks: [gpt]}}',
    'routing: {default_model: auto, intent: {model: tiny}}',
  ].join('\n')
  expect(parse(text).warnings.map(({ path }) => path)).toEqual([
    'models.auto.pick.coding',
    'models.m.fallbacks[0]',
    'routing.intent.model',
  ])
})

test('what is allowed and hardly meant earns a warning', () => {
  const open = parse('listen: {cors_origins: ["*"]}', { hasStoredKeys: false })
  expect(open.warnings).toMatchObject([{ path: 'listen.cors_origins[0]', code: 'no_auth' }])
  expect(parse('listen: {cors_origins: ["*"]}', { hasStoredKeys: true }).warnings).toEqual([])

  const locked = parse('auth: {required: true}', { hasStoredKeys: false })
  expect(locked.warnings).toMatchObject([
    { path: 'auth.required', message: expect.stringContaining('llmr keys create') },
  ])
  expect(parse('auth: {required: true}', { hasStoredKeys: true }).warnings).toEqual([])

  expect(parse('models: {auto: {upstream: x, pick: {general: y}}}').warnings).toMatchObject([
    { path: 'models.auto.upstream', column: 17 },
  ])
})
