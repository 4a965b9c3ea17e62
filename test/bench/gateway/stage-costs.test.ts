import { expect, test } from 'vitest'

import { stageCosts } from '../../../src/bench/gateway/stage-costs.ts'

const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 0 })

const nodes = [
  { id: 1, callFrame: frame('(root)'), children: [2, 3, 4, 8] },
  { id: 2, callFrame: frame('(idle)') },
  { id: 3, callFrame: frame('(garbage collector)') },
  { id: 4, callFrame: frame('onData', 'node:internal/stream_base_commons'), children: [5] },
  { id: 5, callFrame: frame('handle', 'file:///opt/llmr/dist/src/http/server.js'), children: [6, 7] },
  { id: 6, callFrame: frame('parse') },
  { id: 7, callFrame: frame('dispatch', 'file:///opt/llmr/node_modules/undici/lib/dispatcher/pool.js') },
  { id: 8, callFrame: frame('epoll') },
]

/** One sample each 10 µs from 1,000 on. */
function profileOf(...samples: number[]) {
  return { nodes, startTime: 990, samples, timeDeltas: samples.map(() => 10) }
}

const always = { fromUs: 0, toUs: Infinity }

test('time is shared out by folder, package and part of Node; idle time is left out', () => {
  expect(stageCosts(profileOf(2, 5, 2, 7, 7, 4, 3, 2), always)).toEqual([
    { stage: 'undici', share: 0.4 },
    { stage: 'src/http', share: 0.2 },
    { stage: 'node:socket reads and writes', share: 0.2 },
    { stage: 'garbage collection', share: 0.2 },
  ])
})

test('a native function counts for its caller, and one that nobody called for native code', () => {
  expect(stageCosts(profileOf(6, 6, 8, 8, 2), always)).toEqual([
    { stage: 'src/http', share: 0.5 },
    { stage: 'native code', share: 0.5 },
  ])
})

test('only the window with load counts, not the start', () => {
  expect(stageCosts(profileOf(7, 7, 7, 5, 5, 2), { fromUs: 1030, toUs: 1045 })).toEqual([
    { stage: 'src/http', share: 1 },
  ])
})
