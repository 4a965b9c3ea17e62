import { expect, test } from 'vitest'

import { replyFormat, replyFormats } from '../../../src/toolcalls/formats/reply-formats.ts'
import { readFormat, writeFormat } from '../../../src/toolcalls/formats/written-format.ts'

test('a format of ours is written by its name, and is the same when it is read again', () => {
  for (const format of replyFormats) {
    expect(writeFormat(format)).toBe(format.id)
    expect(readFormat(format.id)).toBe(format)
  }
})

test('one that was read off a template is written as its row', () => {
  for (const { channels, ...row } of replyFormats.filter((format) => format.channels === undefined)) {
    expect(channels).toBeUndefined()
    const derived = { ...row, id: 'derived' }
    expect(readFormat(JSON.parse(JSON.stringify(writeFormat(derived))))).toEqual(derived)
  }
})

test.each([
  ['nobody knows', 'no-such-format'],
  ['has no rows', { id: 'x' }],
  ['has a row of no grammar', { id: 'x', calls: [{ grammar: 'other', open: ['a'] }] }],
  ['has markers that are none', { id: 'x', calls: [{ grammar: 'wrapped-json', open: [1], close: [] }] }],
  ['lacks what its grammar needs', { id: 'x', calls: [{ grammar: 'tagged', open: ['a'], headerEnd: [], close: [] }] }],
  ['thinks without an end', { id: 'x', calls: [], reasoning: { open: ['a'] } }],
])('a format that %s is none', (_, written) => {
  expect(readFormat(written)).toBeUndefined()
})

test('a family that thinks otherwise than its row says is no format of ours', () => {
  const hermes = replyFormat('hermes')
  const thinking = { ...hermes, reasoning: { open: ['[T]'], close: ['[/T]'], start: 'text' } as const }
  expect(readFormat(JSON.parse(JSON.stringify(writeFormat(thinking))))).toEqual(thinking)
})
