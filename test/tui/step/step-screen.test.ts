import fc from 'fast-check'
import { expect, test } from 'vitest'

import { firstPlace, type StepPlace } from '../../../src/tui/step/step-place.ts'
import type { StepRun } from '../../../src/tui/step/step-run.ts'
import { scrollEnd, stepScreen } from '../../../src/tui/step/step-screen.ts'
import { stepRun } from './step-runs.ts'

const size = { columns: 60, rows: 20 }

function shown(runs: readonly StepRun[], place: Partial<StepPlace> = {}, room = size): string[] {
  const lines = stepScreen({ runs, place: { ...firstPlace, ...place }, ...room })
  return lines.map((line) => line.map(({ text }) => text).join(''))
}

test('a request is shown with its place among the others, what is known of it and what is changed', () => {
  expect(shown([stepRun('none', 'changed', 'guarded')], { step: 1 })).toEqual([
    'a run  (small)',
    '·[+]!',
    '',
    'request  2 of 3',
    'lane     native',
    '',
    '… ',
    '+ [a nudge]',
    '',
    '←→ request  n p change  ↑↓ scroll  a all of it  q quits',
  ])
})

test('all of a request is shown when asked for, and where nothing is changed in it', () => {
  const run = stepRun('none', 'changed')
  expect(shown([run], { step: 1, showsAll: true })).toContain('  [user] question 2')
  expect(shown([run], { step: 0 })).toContain('  [user] question 1')
})

test('of several runs it says which, and how to get to the next', () => {
  const text = shown([stepRun('none'), stepRun('none')], { run: 1 }, { columns: 90, rows: 20 })
  expect(text[0]).toContain('run 2 of 2')
  expect(text.at(-1)).toContain('Tab run')
  expect(shown([stepRun('none'), stepRun('none')], {}, { columns: 30, rows: 20 }).at(-1)).toContain('Tab')
})

const long: StepRun = {
  title: 'long',
  steps: [
    {
      weight: 'none',
      facts: [],
      lines: Array.from({ length: 50 }, (_, row) => ({ sign: ' ', text: `line ${row + 1}` })),
      changes: [],
    },
  ],
}

test('what does not fit is scrolled to, and the last row says where one is', () => {
  expect(shown([long])).toContain('rows 1–12 of 50')
  const end = scrollEnd({ runs: [long], place: firstPlace, ...size })
  expect(shown([long], { scroll: end })).toContain('rows 39–50 of 50')
  expect(shown([long], { scroll: end + 100 })).toEqual(shown([long], { scroll: end }))
})

test('a long line goes on in the next row', () => {
  const [step] = long.steps
  const wide = {
    ...long,
    steps: step === undefined ? [] : [{ ...step, lines: [{ sign: '+' as const, text: 'x'.repeat(90) }] }],
  }
  expect(shown([wide]).filter((row) => row.startsWith('+ x'))).toEqual([`+ ${'x'.repeat(58)}`, `+ ${'x'.repeat(32)}`])
})

test('many requests are shown around the one that is looked at', () => {
  const run = stepRun(...Array.from({ length: 200 }, () => 'none' as const))
  expect(shown([run], { step: 100 })[1]).toMatch(/^… ·+\[·\]·+ …$/)
})

test('whatever the size of the terminal, nothing is wider or higher than it', () => {
  const room = fc.record({ columns: fc.integer({ min: 20, max: 120 }), rows: fc.integer({ min: 12, max: 40 }) })
  const text = fc.string({ maxLength: 300 }).map((value) => value.replaceAll('\n', ' '))
  fc.assert(
    fc.property(room, fc.array(text, { maxLength: 60 }), (space, texts) => {
      const lines = texts.map((value) => ({ sign: ' ' as const, text: value }))
      const [step] = long.steps
      const run = { title: 'run', steps: step === undefined ? [] : [{ ...step, lines }] }
      const rows = shown([run], {}, space)
      expect(rows.length).toBeLessThanOrEqual(space.rows)
      for (const row of rows) expect(row.length).toBeLessThanOrEqual(space.columns)
    }),
  )
})
