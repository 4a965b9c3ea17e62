import { expect, test } from 'vitest'

import type { Message } from '../../../src/core/chat/message.ts'
import { progressPreset } from '../../../src/toolcalls/loop/loop-options.ts'
import { noCare, prepareRequest, type RequestCare } from '../../../src/toolcalls/prepare/prepare-request.ts'
import { call, repeated, result, rounds, user } from '../../support/toolcalls/history.ts'

const care = { repairs: true, guard: progressPreset, hints: true }
const tools = ['read', 'glob'].map((name) => ({ name, parameters: {} }))
const kindsOf = (messages: readonly Message[], how: RequestCare = care) =>
  prepareRequest({ messages, tools }, how).interventions.map(({ kind }) => kind)

test('a request with nothing to be done about it is the very one that came', () => {
  const request = { messages: [user('Read a.'), ...rounds(['read', { path: 'a' }, 'text'])], tools }
  const prepared = prepareRequest(request, care)
  expect(prepared.request).toBe(request)
  expect(prepared.interventions).toEqual([])
})

test('a round that stands there 25 times is a replay and no loop (N1.16)', () => {
  const round = [call('id1'), result('id1', 'text')]
  const { request, interventions } = prepareRequest(
    { messages: [user('Read a.'), ...repeated(25, round).flat()], tools },
    care,
  )
  expect(request.messages).toHaveLength(3)
  expect(interventions).toEqual([{ kind: 'replays-collapsed', detail: '24 rounds' }])
})

test('a loop is answered in the repaired history, and gets no hint beside', () => {
  const loop = rounds(...repeated(3, ['glob', { pattern: '*' }, 'a.ts\nb.ts'] as const))
  const broken = [user('Which is it?'), call('lost', 'read'), ...loop]
  expect(kindsOf(broken)).toEqual(['history-repaired', 'nudge'])
})

test('a listing of which nothing was read gets its hint before the first repeat (N1.18)', () => {
  const listed = [user('Which is it?'), ...rounds(['glob', { pattern: '*' }, 'a.ts\nb.ts'])]
  expect(kindsOf(listed)).toEqual(['next-file-hint'])
  expect(kindsOf([...listed, call('id9', 'read', { path: 'a.ts' }), result('id9', 'text')])).toEqual([])
})

test('each part can be left out', () => {
  const loop = [user('Go.'), call('lost', 'read'), ...rounds(...repeated(3, ['glob', {}, 'a.ts'] as const))]
  expect(kindsOf(loop, { ...care, repairs: false })).toEqual(['nudge'])
  expect(kindsOf(loop, { ...noCare, repairs: true })).toEqual(['history-repaired'])
  expect(prepareRequest({ messages: loop, tools }, noCare).interventions).toEqual([])
})
