import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { redactConfig } from '../../src/config/redact-config.ts'
import { renderConfig } from '../../src/config/render-config.ts'
import { linesOf, parse, problemsOf } from '../support/problems-of.ts'

/** Long and odd enough to stand in no message by chance; one of them is not even plain YAML. */
const secrets = ['s3cr3t-7Q9xZ', 's3cr3t 7Q9xZ: [', '*s3cr3t7Q9xZ', '!s3cr3t7Q9xZ', '@s3cr3t7Q9xZ', '{s3cr3t7Q9xZ']

/** Right places, wrong places, wrong kinds of value and slips of the pen. */
const places = [
  'backends: {a: {url: http://a, api_key: SECRET}}',
  'backends: {a: {url: http://a, api_key: [SECRET]}}',
  'backends: {a: {url: http://a, api_key: {x: SECRET}}}',
  'backends: {a: {url: http://a, apikey: SECRET}}',
  'backends: {a: {url: http://a, headers: SECRET}}',
  'backends: {a: {url: http://a, headers: {authorization: SECRET, x: [SECRET]}}}',
  'backends: {a: {url: http://a, headers: [SECRET]}}',
  'backends: {a: {url: "http://user:SECRET@a"}}',
  'backends: {a: {url: "ftp://user:SECRET@a"}}',
  'backends: {a: SECRET}',
  'backends: SECRET',
  'backends: {a: {url: http://a, api_key:SECRET}}',
  'backends: {a: {url: http://a, api_key SECRET}}',
  'backends: {a: {url: http://a, headers: {authorization:SECRET}}}',
  'backends: {a: {url: http://a, headers: {authorization SECRET}}}',
  'backends:\n  a:\n    url: http://a\n    api_key: SECRET',
  'backends:\n  a:\n    url: http://a\n    api_key SECRET\n    kind: vllm',
  'backends:\n  a:\n    url: http://a\n    api_key: "SECRET\\q"',
  'backends:\n  a:\n    url: http://a\n    api_key: "SECRET',
  'backends:\n  a:\n    url: http://a\n    api_key: SECRET: more',
  'backends:\n  a:\n    url: http://a\n    api_key: x\n   headers: SECRET',
  'auth: {jwt: SECRET}',
  'auth: {jwt: {secret: SECRET}}',
  'auth: {jwt: {secret: SECRET-that-is-long-enough-to-be-one, jwks_url: http://a}}',
  'auth: {keys: SECRET}',
  'auth: {keys: [SECRET]}',
  'auth: {keys: [{name: a, sha256: SECRET}, {name: a, sha256: SECRET}]}',
  'auth: {keys: [{name: a, sha256: 12}, SECRET]}',
  'SECRET',
  '- SECRET',
]

test.each(places)('no message shows the secret in %j', (place) => {
  for (const secret of secrets) {
    expect(JSON.stringify(problemsOf(place.replaceAll('SECRET', secret)))).not.toMatch(/7Q9xZ/)
  }
  const env = { SECRET: 's3cr3t-7Q9xZ' }
  expect(JSON.stringify(problemsOf(place.replaceAll('SECRET', '${env.SECRET}'), { env }))).not.toMatch(/7Q9xZ/)
})

test.each(['listen: {port: X}', 'listen: {body_timeout: X}', 'resilience: {policy: X}', 'models: {a: X}'])(
  'no message shows what a variable holds, where %j wants something else',
  (place) => {
    const lines = linesOf(place.replace('X', '"${env.SECRET}"'), { env: { SECRET: 's3cr3t-7Q9xZ' } }).join()
    expect(lines).toMatch(/got /)
    expect(lines).not.toMatch(/7Q9xZ/)
  },
)

test('a random secret in a random broken file is never shown', () => {
  const broken = fc.constantFrom('\n  - x', '\n x: 1', '"', ': y', '\n\t', ' # ', '\n? ', '}', ']', ', z')
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9a-f]{24,32}$/), fc.constantFrom(...places), broken, (secret, place, tail) => {
      fc.pre(place !== 'SECRET' || tail !== ': y') // makes it a key, which must be named to be found
      expect(JSON.stringify(problemsOf(place.replaceAll('SECRET', secret) + tail))).not.toContain(secret)
    }),
  )
})

const full = `
listen: {max_body: 1MiB}
auth:
  keys: [{name: a, sha256: ${'ab'.repeat(32)}}]
  jwt: {secret: 0123456789-0123456789-0123456789-0123456789, issuer: 'https://u:p7Q9xZ@id'}
backends:
  a: {url: 'http://a', api_key: k7Q9xZ, headers: {authorization: Bearer 7Q9xZ}}
`

test('the shown configuration has every secret masked and everything else as it would be written', () => {
  const { config } = parse(full)
  const text = renderConfig(config)
  expect(text).not.toMatch(/7Q9xZ|0123456789|abab/)
  expect(redactConfig(config)).toMatchObject({
    listen: { max_body: '1MiB', body_timeout: '2m' },
    auth: {
      keys: [{ name: 'a', sha256: '***' }],
      jwt: { secret: '***', issuer: 'https://***@id', clock_skew: '30s' },
    },
    backends: { a: { url: 'http://a', api_key: '***', headers: { authorization: '***' } } },
  })
})

test('a shown configuration without secrets can be read again and says the same', () => {
  const text = [
    'listen: {port: 1, max_body: 1.5MiB, shutdown_timeout: 0s}',
    'backends: {a: {url: http://a, vram: 24GiB, models: ["qwen*"]}}',
    "models: {m: {upstream: '$${x}', aliases: [on, '1']}}",
    'resilience: {breaker: {open_for: 1500ms}}',
  ].join('\n')
  const { config } = parse(text)
  expect(parse(renderConfig(config)).config).toEqual(config)
})
