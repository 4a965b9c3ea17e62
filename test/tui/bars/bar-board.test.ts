import { renderToString } from 'ink'
import { createElement } from 'react'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { BarBoardView } from '../../../src/tui/bars/bar-board.ts'
import type { BarBoard } from '../../../src/tui/bars/bar-board.ts'

const board: BarBoard = {
  title: 'Swaps',
  progress: { done: 1, of: 4, now: 'alpha → beta' },
  kinds: [
    { name: 'stop', color: 'gray' },
    { name: 'save', color: 'magenta' },
    { name: 'load', color: 'cyan' },
  ],
  unit: 'ms',
  rows: [
    { label: 'alpha', lengths: [10, 0, 90], note: '100 ms' },
    { label: 'beta', lengths: [25, 0, 25], note: '50 ms' },
  ],
}

function linesOf(shown: BarBoard, columns = 80): readonly string[] {
  return renderToString(createElement(BarBoardView, { board: shown, columns }), { columns }).split('\n')
}

function barIn(line = ''): number {
  return line.split('█').length - 1
}

test('bars are of one scale, and each ends with its figures', () => {
  const [title, progress, alpha, beta] = linesOf(board)
  expect(title).toContain('Swaps')
  expect(progress).toContain('1 of 4  alpha → beta')
  expect(alpha).toMatch(/^alpha .*100 ms$/)
  expect(Math.abs(barIn(alpha) - 2 * barIn(beta))).toBeLessThanOrEqual(1)
})

test('the legend names what is in the bars, and nothing else', () => {
  const legend = linesOf(board).at(-1)
  expect(legend).toContain('stop')
  expect(legend).toContain('load')
  expect(legend).not.toContain('save')
})

test('no line is wider than the terminal, however narrow it is and whatever the figures', () => {
  const rows = fc.array(
    fc.record({
      label: fc.string({ maxLength: 30 }).map((text) => text.replaceAll(/[^\w ]/g, 'x')),
      lengths: fc.tuple(...[0, 1, 2].map(() => fc.double({ min: 0, max: 1e6, noNaN: true }))),
      note: fc.constant('12 ms'),
    }),
    { maxLength: 5 },
  )
  fc.assert(
    fc.property(rows, fc.integer({ min: 40, max: 200 }), (shown, columns) => {
      const unique = shown.map((row, index) => ({ ...row, label: `${index} ${row.label}` }))
      for (const line of linesOf({ ...board, rows: unique }, columns)) expect(line.length).toBeLessThanOrEqual(columns)
    }),
    { numRuns: 30 },
  )
})

test('a board with nothing measured yet says what is under way', () => {
  expect(linesOf({ ...board, rows: [], progress: { done: 0, of: 0, now: 'starting' } }).join('\n')).toContain(
    'starting',
  )
})
