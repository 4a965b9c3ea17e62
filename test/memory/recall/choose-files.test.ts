import { expect, test } from 'vitest'

import type { KeptFile } from '../../../src/core/recall-source.ts'
import { chooseFiles } from '../../../src/memory/recall/choose-files.ts'

const file = (uri: string, content: string, sha256 = uri): KeptFile => ({ reply: '1', uri, content, sha256, atMs: 0 })

test('a file that is named comes first, then one in which most of the words stand', () => {
  const files = [
    file('a.ts', 'retry budget and timeout of the client'),
    file('src/pool.ts', 'nothing of the kind'),
    file('b.ts', 'timeout'),
  ]
  expect(chooseFiles(files, ['pool.ts', 'retry', 'timeout']).map(({ uri }) => uri)).toEqual(['src/pool.ts', 'a.ts'])
})

test('a word within another is no word, and one word of many is not enough', () => {
  expect(chooseFiles([file('a.ts', 'retrying'), file('b.ts', 'retry')], ['retry', 'budget', 'timeout'])).toEqual([])
})

test('the same content under two names is given once, and two files are the most', () => {
  const files = [
    file('a/x.ts', 'one', 'same'),
    file('b/x.ts', 'one', 'same'),
    file('c/x.ts', 'two'),
    file('d/x.ts', 'three'),
  ]
  expect(chooseFiles(files, ['x.ts']).map(({ uri }) => uri)).toEqual(['a/x.ts', 'c/x.ts'])
})

test('of a long file the part is given in which the words stand', () => {
  const lines = Array.from({ length: 500 }, (_, at) => (at === 310 ? 'the retry budget' : `line ${at}`))
  const [found] = chooseFiles([file('long.ts', lines.join('\n'))], ['long.ts', 'retry', 'budget'])
  expect(found?.content).toContain('the retry budget')
  expect(found?.content.split('\n').length).toBeLessThan(70)
  expect(found?.content.startsWith('[…]')).toBe(true)
})
