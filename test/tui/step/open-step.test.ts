import { expect, test } from 'vitest'

import { openStep } from '../../../src/tui/step/open-step.ts'
import { terminal } from '../../support/terminal.ts'
import { stepRun } from './step-runs.ts'

function open({ isPlain = true, signal }: { isPlain?: boolean; signal?: AbortSignal } = {}) {
  const screen = terminal({ columns: 80, rows: 24 })
  const runs = [stepRun('none', 'changed', 'guarded'), stepRun('none')]
  return { ...screen, ended: openStep({ runs, isPlain, signal, ...screen.streams }) }
}

test.each([
  ['n', /request {2}2 of 3/],
  ['\u001B[C', /request {2}2 of 3/],
  ['G', /request {2}3 of 3/],
  ['\t', /run 2 of 2/],
])('the key %j leads on, and q gives the terminal back', async (key, shown) => {
  const step = open()
  await step.shows(/request {2}1 of 3/)
  step.type(key)
  await step.shows(shown)
  step.type('q')
  await step.ended
  expect(step.text()).toContain('\u001B[?1049l')
})

test('a narrow terminal is filled anew', async () => {
  const step = open()
  await step.shows('q quits')
  const before = step.text().length
  step.resize(30, 14)
  await step.shows('←→  n p', before)
  step.type('q')
  await step.ended
})

test('it ends when it is told to from outside', async () => {
  const end = new AbortController()
  const step = open({ signal: end.signal })
  await step.shows('a run')
  end.abort()
  await step.ended
})
