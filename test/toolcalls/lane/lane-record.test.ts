import { array, assert, constantFrom, property } from 'fast-check'
import { expect, test } from 'vitest'

import {
  emptyRecord,
  type LaneRecord,
  type LaneSign,
  laneSigns,
  recordAfter,
  recordAfterFault,
} from '../../../src/toolcalls/lane/lane-record.ts'

const native = { lane: 'native', takesPrompts: true, nowMs: 7 } as const

function after(signs: readonly LaneSign[], context: Parameters<typeof recordAfter>[2] = native): LaneRecord {
  return signs.reduce((record, sign) => recordAfter(record, sign, context), emptyRecord('b1'))
}

test('two calls that the engine left in its text, of ten replies, move the model to the raw lane, with the reason', () => {
  const calm = Array.from({ length: 8 }, () => 'native-call' as const)
  expect(after(['call-in-text', ...calm]).learnt).toBeUndefined()
  expect(after(['call-in-text', ...calm, 'call-in-text']).learnt).toEqual({
    lane: 'raw',
    reason: 'the engine left 2 calls in its text in 10 with tools',
    atMs: 7,
  })
})

test('two such calls that lie further apart are not enough', () => {
  const calm = Array.from({ length: 9 }, () => 'native-call' as const)
  expect(after(['call-in-text', ...calm, 'call-in-text']).learnt).toBeUndefined()
})

test('an engine that takes no prompts is left its calls, and llmr reads the rest', () => {
  const signs = ['call-in-text', 'call-in-text'] as const
  expect(after(signs, { ...native, takesPrompts: false }).learnt?.lane).toBe('checked')
  expect(after(signs, { ...native, takesPrompts: false, lane: 'checked' }).learnt).toBeUndefined()
})

test('two replies that the engine failed at count as well', () => {
  expect(after(['server-error', 'text', 'server-error']).learnt).toMatchObject({
    lane: 'raw',
    reason: 'the engine failed at 2 replies in 3 with tools',
  })
})

test('arguments that do not fit twice make the grammar say the whole schema, and a fault takes that back first', () => {
  const strict = after(['schema-failure', 'read-call', 'schema-failure'], { ...native, lane: 'raw' })
  expect(strict.strictness).toBe('full')
  const loose = recordAfterFault(strict, 'refused')
  expect(loose).toMatchObject({ strictness: 'loose' })
  expect(loose.grammarFault).toBeUndefined()
  expect(recordAfterFault(loose, 'ignored').grammarFault).toBe('ignored')
})

test('whatever traffic brings, a record stays small and counts every reply', () => {
  assert(
    property(array(constantFrom(...laneSigns), { maxLength: 60 }), (signs) => {
      const record = after(signs)
      expect(record.recent.length).toBeLessThanOrEqual(10)
      expect(Object.values(record.counts).reduce((sum, count) => sum + count, 0)).toBe(signs.length)
      expect(record.learnt === undefined || record.learnt.lane === 'raw').toBe(true)
    }),
  )
})
