import { expect, test } from 'vitest'

import type { EngineMoment } from '../../../src/lifecycle/instance/engine-moment.ts'
import { engine, supervise } from './engines.ts'

test('what an engine does is told moment by moment, in the order of its life', async () => {
  const moments: EngineMoment[] = []
  const supervisor = await supervise([engine('loads.mjs', { args: ['50'] })], {
    onMoment: (moment) => void moments.push(moment),
  })
  const { url } = await supervisor.ensureReady('tiny')
  await supervisor.stop('tiny')
  const coming = ['starting', 'spawned', 'answering', 'loaded', 'ready']
  const going = ['draining', 'saving', 'saved', 'signalled', 'exited', 'freed']
  expect(moments.map(({ name }) => name)).toEqual([...coming, ...going])
  expect(moments.map(({ atMs }) => atMs)).toEqual(moments.map(({ atMs }) => atMs).toSorted((one, two) => one - two))
  expect(moments.find(({ name }) => name === 'answering')?.url).toBe(url)
  expect(new Set(moments.map(({ model }) => model))).toEqual(new Set(['tiny']))
})

test('an engine that answers before it can serve is told apart from one that can', async () => {
  const moments: EngineMoment[] = []
  const supervisor = await supervise([engine('loads.mjs', { args: ['150'] })], {
    onMoment: (moment) => void moments.push(moment),
  })
  await supervisor.ensureReady('tiny')
  const at = (name: string): number => moments.find((moment) => moment.name === name)?.atMs ?? Number.NaN
  expect(at('loaded')).toBeGreaterThan(at('answering'))
})
