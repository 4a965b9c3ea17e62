import { expect, test } from 'vitest'

import { openTop } from '../../../src/tui/top/open-top.ts'
import type { TopSnapshot } from '../../../src/tui/top/top-snapshot.ts'
import { terminal } from '../../support/terminal.ts'
import { topModel, topSnapshot } from './snapshots.ts'

const enterScreen = '\u001B[?1049h'
const leaveScreen = '\u001B[?1049l'

function open(options: { read?: () => Promise<TopSnapshot>; signal?: AbortSignal } = {}) {
  const screen = terminal({ columns: 100, rows: 30 })
  const { read = async () => topSnapshot(), signal } = options
  const ended = openTop({ first: topSnapshot(), read, intervalMs: 1, ...screen.streams, signal })
  return { ...screen, ended }
}

test.each([
  ['q', 'q'],
  ['Escape', '\u001B'],
  ['Ctrl-C', '\u0003'],
])('it has a screen of its own, and %s gives the terminal back as it was', async (_, key) => {
  const top = open()
  await top.shows('MODELS')
  expect(top.text()).toContain(enterScreen)
  expect(top.text()).not.toContain(leaveScreen)
  top.type(key)
  await top.ended
  expect(top.text()).toContain(leaveScreen)
})

test('it follows the gateway', async () => {
  let count = 0
  const top = open({ read: async () => topSnapshot({ models: [topModel(`model-${(count += 1)}`)] }) })
  await top.shows('model-1')
  await top.shows(/model-[3-9]/)
  top.type('q')
  await top.ended
})

test('a gateway that goes away is told of, over what was seen last, and found again when it comes back', async () => {
  let isAway = true
  const read = async (): Promise<TopSnapshot> => {
    if (isAway) throw new Error('No gateway answers at http://127.0.0.1:8411.')
    return topSnapshot({ models: [topModel('back-again')] })
  }
  const top = open({ read })
  await top.shows('No gateway answers')
  await top.shows('qwen3-8b')
  isAway = false
  await top.shows('back-again')
  top.type('q')
  await top.ended
})

test('it is drawn anew for another size of the terminal', async () => {
  const top = open({ read: () => new Promise(() => undefined) })
  await top.shows('LAST REQUESTS')
  const before = top.text().length
  top.resize(60, 14)
  await top.shows(/llmr 1\.2\.3(?:(?!LAST REQUESTS)[\s\S])*q quits/, before)
  top.type('q')
  await top.ended
})

test('it can be ended from outside, also before it has begun', async () => {
  const end = new AbortController()
  const top = open({ signal: end.signal })
  await top.shows('MODELS')
  end.abort()
  await top.ended
  await open({ signal: AbortSignal.abort() }).ended
})
