import { expect, test } from 'vitest'

import { LlmrError } from '../../../src/core/error.ts'
import { Turns } from '../../../src/gateway/fleet/turns.ts'

const turn = (requestId: string, more: { readonly isLoadOnly?: boolean; readonly conversation?: string } = {}) => ({
  requestId,
  model: 'tiny',
  isLoadOnly: false,
  ...more,
})

test('a turn is settled once, by whatever comes first', async () => {
  const turns = new Turns()
  const [served, gone] = [turns.wait(turn('served')), turns.wait(turn('gone'))]
  expect(turns.serve('served')).toBe(true)
  expect(turns.cancel('served')).toBe(false)
  expect(turns.cancel('gone')).toBe(true)
  expect(turns.serve('gone')).toBe(false)
  expect(await served).toBe('in')
  expect(await gone).toBe('gone')
})

test('whoever waits is refused with all others, and whoever is inside stays', async () => {
  const turns = new Turns()
  const error = new LlmrError('shutting_down', 'later')
  const waiting = [turns.wait(turn('a')), turns.wait(turn('b'))].map(async (one) =>
    one.catch((thrown: unknown) => thrown),
  )
  const inside = turns.wait(turn('inside'))
  turns.serve('inside')
  turns.refuseAll(error)
  expect(await Promise.all(waiting)).toEqual([error, error])
  expect(await inside).toBe('in')
  expect(turns.leave('inside')).toMatchObject({ requestId: 'inside', model: 'tiny' })
  expect(turns.leave('inside')).toBeUndefined()
})

test('a model is idle when the last who was let in has left; one that was only loaded for somebody always is', async () => {
  const turns = new Turns()
  for (const requestId of ['one', 'two']) {
    void turns.wait(turn(requestId))
    turns.serve(requestId)
  }
  void turns.wait(turn('load', { isLoadOnly: true }))
  turns.serve('load')
  let isIdle = false
  const idle = turns.whenIdle('tiny').then(() => (isIdle = true))
  const leave = async (requestId: string): Promise<void> => {
    turns.leave(requestId)
    turns.announce()
    await new Promise(setImmediate)
  }
  await leave('one')
  expect(isIdle).toBe(false)
  await leave('two')
  await idle
  await turns.whenIdle('unknown')
})

test('the conversations of a model are those of requests that wait for it', () => {
  const turns = new Turns()
  void turns.wait(turn('one', { conversation: 'talk' }))
  void turns.wait(turn('two', { conversation: 'served' }))
  void turns.wait(turn('three'))
  turns.serve('two')
  expect(turns.conversations('tiny')).toEqual(new Set(['talk']))
  expect(turns.conversations('other')).toEqual(new Set())
})
