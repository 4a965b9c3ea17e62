import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { linesOf, parse } from '../support/problems-of.ts'

function header(text: string, env: Record<string, string> = {}): string | undefined {
  return parse(`backends: {a: {url: http://a, headers: {x: ${JSON.stringify(text)}}}}`, { env }).config.backends['a']
    ?.headers['x']
}

test.each([
  ['${env.A}', 'one'],
  ['${env.A}${env.B}-${env.A}', 'onetwo-one'],
  ['Bearer ${env.A}', 'Bearer one'],
  ['${env.UNSET:-default}', 'default'],
  ['${env.EMPTY:-default}', 'default'],
  ['${env.A:-default}', 'one'],
  ['${env.UNSET:-http://host:1/a-b}', 'http://host:1/a-b'],
  ['$${env.A}', '${env.A}'],
  ['$${A} and ${env.A}', '${A} and one'],
  ['cost: $5 {ok}', 'cost: $5 {ok}'],
])('%s becomes %s', (text, expected) => {
  expect(header(text, { A: 'one', B: 'two', EMPTY: '' })).toBe(expected)
})

test('what a variable holds is text and never read again', () => {
  const env = { A: '${env.B}', B: 'secret', C: ': [ # "' }
  expect(header('${env.A}${env.C}', env)).toBe('${env.B}: [ # "')
})

test('any value comes through unchanged', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (value) => {
      const text = 'models: {m: {upstream: "<${env.VALUE}>"}}'
      expect(parse(text, { env: { VALUE: value } }).config.models['m']?.upstream).toBe(`<${value}>`)
    }),
  )
})

test('a text that is one variable becomes a number or a boolean where one is wanted', () => {
  const text = [
    'listen: {port: "${env.PORT}", body_timeout: "${env.TIMEOUT}"}',
    'backends: {a: {url: http://a, weight: "${env.WEIGHT:-2.5}", paid: "${env.PAID}"}}',
    'models: {m: {upstream: "${env.PORT}"}}',
  ].join('\n')
  const { config } = parse(text, { env: { PORT: '9000', TIMEOUT: '5s', PAID: 'true' } })
  expect(config.listen).toMatchObject({ port: 9000, body_timeout: 5_000 })
  expect(config.backends['a']).toMatchObject({ weight: 2.5, paid: true })
  expect(config.models['m']?.upstream).toBe('9000')
})

test('a variable that is no number where one is wanted is told by its name', () => {
  expect(linesOf('listen: {port: "${env.PORT}"}', { env: { PORT: 'eighty' } })).toEqual([
    '1:16 listen.port: expected a whole number, got the value of "${env.PORT}"',
  ])
  expect(linesOf('listen: {port: "1${env.PORT}"}', { env: { PORT: '0' } })).toHaveLength(1)
})

test('every unset variable is told with its own place, and nothing else about that value', () => {
  const text = [
    'backends:',
    '  a:',
    '    url: ${env.URL}',
    '    api_key: "first ${env.A} then ${env.B}"',
    '    headers:',
    '      x: |',
    '        ${env.C}',
    '    weight: ${env.WEIGHT}',
    '',
  ].join('\n')
  const unset = (name: string) =>
    `the environment variable ${name} is not set; set it, or write \${env.${name}:-default}`
  expect(linesOf(text)).toEqual([
    `3:10 backends.a.url: ${unset('URL')}`,
    `4:21 backends.a.api_key: ${unset('A')}`,
    `4:35 backends.a.api_key: ${unset('B')}`,
    `7:9 backends.a.headers.x: ${unset('C')}`,
    `8:13 backends.a.weight: ${unset('WEIGHT')}`,
  ])
})

test('an anchored text with an unset variable is told of once', () => {
  const text = 'models:\n  a: {upstream: &u "${env.U}"}\n  b: {upstream: *u}\n'
  expect(linesOf(text)).toHaveLength(1)
})

test.each(['${A}', '${env.}', '${env.A', '${env.1A}', '${env.A:default}', '${ env.A }'])(
  '%s is told to be no variable',
  (text) => {
    expect(linesOf(`models: {m: {upstream: '${text}'}}`, { env: { A: 'a' } }).join()).toContain('expected ${env.NAME}')
  },
)
