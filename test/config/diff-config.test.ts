import { expect, test } from 'vitest'

import { diffConfig } from '../../src/config/diff-config.ts'
import { parse } from '../support/problems-of.ts'

function diff(before: string, after: string) {
  return diffConfig(parse(before).config, parse(after).config)
}

test('the same configuration written otherwise is no change', () => {
  const before = 'backends: {a: {url: http://a, headers: {x: y, z: w}}, b: {url: http://b}}\nlisten: {port: 8411}'
  const after = 'backends:\n  b: {url: http://b/v1}\n  a: {headers: {z: w, x: y}, url: http://a}\n'
  expect(diff(before, after)).toEqual({
    backends: { added: [], removed: [], changed: [] },
    models: { added: [], removed: [], changed: [] },
    keys: [],
    needRestart: [],
    isEmpty: true,
  })
})

test('backends and models are told apart by what happened to them', () => {
  const before = 'backends: {a: {url: http://a}, b: {url: http://b}}\nmodels: {m: {}, toString: {}}'
  const after =
    'backends: {a: {url: http://a, weight: 2}, c: {url: http://c}}\nmodels: {m: {aliases: [n]}, constructor: {}}'
  expect(diff(before, after)).toMatchObject({
    backends: { added: ['c'], removed: ['b'], changed: ['a'] },
    models: { added: ['constructor'], removed: ['toString'], changed: ['m'] },
    keys: [],
    isEmpty: false,
  })
})

test('names that every object has in JavaScript are names like others', () => {
  const topics = (word: string) => `routing: {heuristics: {keywords: {coding: {${word}: 1}}}}`
  expect(diff(topics('regex'), topics('constructor')).keys).toEqual([
    'routing.heuristics.keywords.coding.regex',
    'routing.heuristics.keywords.coding.constructor',
  ])
  expect(diff(topics('constructor'), topics('constructor')).isEmpty).toBe(true)
})

test('other keys are named by their paths, a list as one', () => {
  const after = 'resilience: {breaker: {failures: 5}}\nlisten: {hosts: [a, b]}\nrouting: {default_model: m}'
  expect(diff('', after)).toMatchObject({
    keys: ['listen.hosts', 'routing.default_model', 'resilience.breaker.failures'],
    needRestart: [],
    isEmpty: false,
  })
})

test('an address and a certificate need a restart', () => {
  const tls = 'listen: {tls: {cert: /a.pem, key: /a.key}}'
  expect(diff('', 'listen: {host: localhost, port: 1, hosts: [a]}').needRestart).toEqual(['listen.host', 'listen.port'])
  expect(diff('', tls).needRestart).toEqual(['listen.tls'])
  expect(diff(tls, tls.replace('a.pem', 'b.pem')).needRestart).toEqual(['listen.tls.cert'])
})

test('a policy that is a module needs a restart to come and to go; those that llmr brings do not', () => {
  const policy = (name: string) => `scheduling: {policy: ${name}}`
  expect(diff(policy('ripe'), policy('./mine.js')).needRestart).toEqual(['scheduling.policy'])
  expect(diff(policy('./mine.js'), policy('fifo')).needRestart).toEqual(['scheduling.policy'])
  expect(diff(policy('ripe'), policy('fifo')).needRestart).toEqual([])
})

test('no value is in a difference', () => {
  const text = (secret: string) =>
    `backends: {a: {url: http://a, api_key: ${secret}}}\nrouting: {default_model: ${secret}}`
  expect(JSON.stringify(diff(text('s1-7Q9xZ'), text('s2-7Q9xZ')))).not.toContain('7Q9xZ')
})
