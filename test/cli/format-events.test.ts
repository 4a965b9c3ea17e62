import { expect, test } from 'vitest'

import { formatConsumers, formatDeadLetters } from '../../src/cli/format-events.ts'

const standing = { consumer: 'persist', waiting: 7, lent: 1, dead_letters: 2 }

test('a worker is one line, with the age of its oldest event in words', () => {
  const of = (ms: number | null) => formatConsumers([{ ...standing, oldest_ms: ms }])
  expect(of(1_600)).toBe('WORKER   WAITING  LENT  OLDEST  DEAD LETTERS\npersist  7        1     2 s     2')
  expect(of(600_000)).toContain('10 min')
  expect(of(90_000_000)).toContain('25 h')
  expect(of(null)).toMatch(/ - {7}2$/)
})

test('a dead letter fits into 80 columns, but for its reason', () => {
  const letter = {
    id: '12',
    consumer: 'summarise',
    event: '01a20ed7-e678-773d-ac03-5be6eb15d41b/summarise',
    attempts: 1,
    buried_at: '2026-11-24T18:35:59.992Z',
    reason: 'expected a text',
  }
  expect(formatDeadLetters([letter])).toBe(
    '12  summarise  2026-11-24T18:35  1 attempt\n' +
      '  event   01a20ed7-e678-773d-ac03-5be6eb15d41b/summarise\n' +
      '  reason  expected a text',
  )
})
