import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

import { createHeuristics } from '../../src/routing/heuristics.ts'

function topicsOf(keywords: Record<string, Record<string, number>>, threshold = 1) {
  const heuristics = createHeuristics({ threshold, keywords })
  return (text: string) => heuristics(text)?.topic
}

describe('keywords', () => {
  test('are matched as whole words, in any case (N1.2)', () => {
    const topic = topicsOf({ cats: { cat: 1 } })
    expect(topic('My CAT is ill')).toBe('cats')
    expect(topic('cat')).toBe('cats')
    expect(topic('(cat)')).toBe('cats')
    expect(topic('concatenate the category')).toBeUndefined()
    expect(topic('cat5 and a_cat_')).toBeUndefined()
  })

  test('may be several words, or hold signs that are no letters', () => {
    const topic = topicsOf({ code: { 'stack trace': 1, 'c++': 1, '```': 1, '.env': 1 } })
    expect(topic('a Stack Trace of')).toBe('code')
    expect(topic('my C++ build')).toBe('code')
    expect(topic('```py')).toBe('code')
    expect(topic('the .env file')).toBe('code')
    expect(topic('stack traces')).toBeUndefined()
    expect(topic('grade c+')).toBeUndefined()
  })

  test('know letters beyond ASCII, however they are composed', () => {
    const topic = topicsOf({ garden: { größe: 1, naïve: 1, сад: 1 } })
    expect(topic('DIE GRÖẞE ZÄHLT')).toBe('garden')
    expect(topic('Die Größe zählt')).toBe('garden')
    expect(topic('nai\u0308ve')).toBe('garden')
    expect(topic('Übergröße')).toBeUndefined()
    expect(topic('мой САД')).toBe('garden')
    expect(topic('садовник')).toBeUndefined()
  })

  test('stand beside or inside scripts that put no spaces between words', () => {
    const topic = topicsOf({ code: { python: 1, 代码: 1 } })
    expect(topic('用python写一个程序')).toBe('code')
    expect(topic('请帮我写代码吧')).toBe('code')
    expect(topic('pythonista')).toBeUndefined()
  })

  test('count once each, so that a long text is not about code because it is long', () => {
    expect(topicsOf({ code: { loop: 0.4 } })('loop '.repeat(100))).toBeUndefined()
    expect(topicsOf({ code: { loop: 0.4, array: 0.6 } })('array loop')).toBe('code')
  })

  test('beyond the first 4,000 characters do not count', () => {
    const topic = topicsOf({ code: { python: 1 } })
    expect(topic(`${'x '.repeat(1_990)} python`)).toBe('code')
    expect(topic(`${'x '.repeat(2_000)} python`)).toBeUndefined()
  })
})

describe('topics', () => {
  test('the highest score wins, and the earlier topic a tie', () => {
    const topic = topicsOf({ one: { a: 1 }, two: { b: 1, c: 0.5 }, three: { b: 1 } })
    expect(topic('a b')).toBe('one')
    expect(topic('a b c')).toBe('two')
    expect(topic('b')).toBe('two')
  })

  test('a score counts from the threshold on', () => {
    const keywords = { t: { a: 0.1, b: 0.2 } }
    expect(topicsOf(keywords, 0.3)('a b')).toBe('t')
    expect(topicsOf(keywords, 0.31)('a b')).toBeUndefined()
  })

  test('say what matched, heaviest first', () => {
    const heuristics = createHeuristics({ threshold: 1, keywords: { code: { bug: 0.3, regex: 1 } } })
    expect(heuristics('a bug in my regex')).toEqual({ topic: 'code', score: 1.3, matched: ['regex', 'bug'] })
  })

  test('keywords without topics, topics without keywords and empty keywords match nothing', () => {
    expect(topicsOf({})('anything')).toBeUndefined()
    expect(topicsOf({ empty: {} })('anything')).toBeUndefined()
    expect(topicsOf({ blank: { '': 5 } })('anything')).toBeUndefined()
  })
})

test('any text and any keywords give the same answer twice and never more than the sum of the weights', () => {
  const keywords = fc.dictionary(fc.string(), fc.dictionary(fc.string({ unit: 'grapheme' }), weights()))
  fc.assert(
    fc.property(keywords, fc.string({ unit: 'grapheme' }), (keywords, text) => {
      const heuristics = createHeuristics({ threshold: 0.1, keywords })
      const match = heuristics(text)
      expect(heuristics(text)).toEqual(match)
      if (!match) return
      const sum = Object.values(keywords[match.topic] ?? {}).reduce((total, weight) => total + weight, 0)
      expect(match.score).toBeLessThanOrEqual(sum + 1e-6)
      expect(match.matched.length).toBeGreaterThan(0)
    }),
  )
})

test('a keyword between spaces is found wherever it stands, and never inside a longer word', () => {
  const word = fc.stringMatching(/^[a-zà-öа-я]{2,8}$/)
  fc.assert(
    fc.property(
      word,
      fc.string({ unit: 'grapheme', maxLength: 50 }),
      fc.stringMatching(/^[a-z]{1,3}$/),
      (word, before, tail) => {
        const topic = topicsOf({ found: { [word]: 1 } })
        expect(topic(`${before} ${word} !`)).toBe('found')
        expect(topic(word + tail)).toBeUndefined()
      },
    ),
  )
})

describe('the default keywords', () => {
  const fixture = join(import.meta.dirname, '../fixtures/routing/topics.yaml')
  const messages = parse(readFileSync(fixture, 'utf8')) as Record<'coding' | 'general', string[]>
  const byDefault = createHeuristics({ threshold: 1 })

  test.each(messages.coding)('send to coding: %s', (message) => {
    expect(byDefault(message)?.topic).toBe('coding')
  })

  test.each(messages.general)('leave alone: %s', (message) => {
    expect(byDefault(message)).toBeUndefined()
  })
})

function weights() {
  return fc.double({ min: 0.1, max: 10, noNaN: true })
}
