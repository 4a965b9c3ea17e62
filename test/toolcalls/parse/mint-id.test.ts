import { expect, test } from 'vitest'

import { mintCallId } from '../../../src/toolcalls/parse/mint-id.ts'

test('ids are letters and digits, of the length that templates take, and differ', () => {
  expect(mintCallId('common')).toMatch(/^call_[A-Za-z0-9]{24}$/)
  expect(mintCallId('mistral')).toMatch(/^[A-Za-z0-9]{9}$/)
  expect(new Set(Array.from({ length: 1000 }, () => mintCallId('common'))).size).toBe(1000)
})

test('bytes that would favour a letter are drawn again', () => {
  const draws = [Uint8Array.of(255, 255, 255, 0), Uint8Array.of(...Array.from({ length: 9 }, () => 61))]
  expect(mintCallId('mistral', () => draws.shift() ?? new Uint8Array(9))).toBe('A99999999'.slice(0, 9))
})
