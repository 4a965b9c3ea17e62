import { expect, test } from 'vitest'

import { leastRecall } from '../../src/core/recall-mode.ts'

test('whoever has a say can only take away', () => {
  expect(leastRecall('hybrid', 'hybrid')).toBe('hybrid')
  expect(leastRecall('window', 'hybrid')).toBe('window')
  expect(leastRecall('hybrid', 'window', 'off')).toBe('off')
})
