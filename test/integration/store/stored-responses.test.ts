import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Store } from '../../../src/store/open-store.ts'
import type { StoredResponse } from '../../../src/store/stored-response.ts'
import { engines, openTestStore } from './engines.ts'

const bounds = { responsesMax: 100, bytesMax: 1_000_000 }
const dayMs = 86_400_000

const sample = {
  id: 'resp_1',
  model: 'qwen3-8b',
  status: 'completed',
  createdMs: 1_000,
  expiresMs: 30 * dayMs,
  inputItems: [{ id: 'msg_1', type: 'message', role: 'user', content: 'hello' }],
  outputItems: [{ id: 'msg_2', type: 'message', role: 'assistant', content: 'hello to you' }],
  metadata: { topic: 'greeting' },
  fields: { usage: { input_tokens: 1 }, instructions: null },
} as const

describe.for(engines)('stored responses on $name', ({ skip, emptyPlace }) => {
  const clock = { nowMs: 0 }
  let store: Store
  let tests = 0
  let principal = ''

  // One store for all: the tests know nothing of each other because their principals do not.
  beforeAll(async () => {
    if (skip !== undefined) return
    store = await openTestStore(await emptyPlace(), {
      clock: { now: () => clock.nowMs, monotonic: () => performance.now() },
    })
  })
  afterAll(() => store?.close())
  beforeEach(() => {
    clock.nowMs = 1_000
    tests += 1
    principal = `alice-${tests}`
  })

  const me = () => ({ tenant: 'acme', principal })

  function response(changes: Partial<StoredResponse>): StoredResponse {
    return { ...sample, ...me(), ...changes }
  }

  test.skipIf(skip)('what was put comes back as it was, whatever the texts hold', async () => {
    const { responses } = store
    const texts = ['\u0000', '\ud800', '"\\\n', '日本語 🦙', "'; drop table llmr.stored_response; --"]
    const one = response({ inputItems: texts, outputItems: [{ texts }, [], null, 1.5, true], fields: { texts } })
    await responses.put(one)
    expect(await responses.get(one)).toEqual(one)
  })

  test.skipIf(skip)('several are had at once: those that are there, of one principal, and not expired', async () => {
    const { responses } = store
    for (const id of ['resp_1', 'resp_2']) await responses.put(response({ id }))
    await responses.put(response({ id: 'resp_3', expiresMs: 1 }))
    await responses.put(response({ id: 'resp_4', principal: `${principal}-other` }))
    const found = await responses.getAll(me(), ['resp_2', 'resp_1', 'resp_3', 'resp_4', 'resp_5', '\u0000'])
    expect(found.map(({ id }) => id).toSorted()).toEqual(['resp_1', 'resp_2'])
    expect(await responses.getAll(me(), [])).toEqual([])
    await responses.removeExpired(1)
  })

  test.skipIf(skip)('a second put with the same id takes the place of the first', async () => {
    const { responses } = store
    await responses.put(response({ status: 'in_progress', outputItems: [] }))
    await responses.put(response({ status: 'completed' }))
    expect(await responses.get(response({}))).toEqual(response({}))
  })

  test.skipIf(skip).for([
    ['another principal', { principal: 'mallory' }],
    ['another tenant', { tenant: 'globex' }],
  ] as const)("nobody finds, deletes, overwrites or goes on from a response that is %s's", async ([, whose]) => {
    const { responses } = store
    const mallory = { ...me(), ...whose, id: 'resp_1' }
    await responses.put(response({}))
    expect(await responses.get(mallory)).toBeUndefined()
    expect(await responses.inputItems(mallory, { limit: 10, order: 'asc' })).toBeUndefined()
    expect(await responses.delete(mallory)).toBe(false)
    expect(await responses.chain({ ...mallory, ...bounds })).toEqual({ type: 'missing', id: 'resp_1' })
    await responses.put(response({ ...mallory, model: 'other' }))
    expect(await responses.get(response({}))).toEqual(response({}))
  })

  test.skipIf(skip)('an id that cannot be one of ours is not found, and no error', async () => {
    const { responses } = store
    for (const id of ['', '\u0000', 'resp\n', 'x'.repeat(10_000)]) {
      expect(await responses.get({ ...me(), id })).toBeUndefined()
      expect(await responses.delete({ ...me(), id })).toBe(false)
      expect(await responses.chain({ ...me(), id, ...bounds })).toEqual({ type: 'missing', id })
    }
  })

  test.skipIf(skip)('a deleted response is gone, and a second deletion says that there was none', async () => {
    const { responses } = store
    await responses.put(response({}))
    expect(await responses.delete(response({}))).toBe(true)
    expect(await responses.get(response({}))).toBeUndefined()
    expect(await responses.delete(response({}))).toBe(false)
  })

  test.skipIf(skip)('an expired response is not found from that moment on, and is removed later', async () => {
    const { responses } = store
    await responses.put(response({ expiresMs: 5_000 }))
    await responses.put(response({ id: 'resp_2', expiresMs: 6_000 }))
    clock.nowMs = 5_000
    expect(await responses.get(response({}))).toBeUndefined()
    expect(await responses.delete(response({}))).toBe(false)
    clock.nowMs = 7_000
    await responses.put(response({ id: 'resp_3' }))
    await responses.put(response({ expiresMs: 6_500 }))
    expect(await responses.removeExpired(1)).toBe(1)
    expect(await responses.removeExpired(10)).toBe(1)
    expect(await responses.removeExpired(10)).toBe(0)
    expect(await responses.get(response({ id: 'resp_3' }))).toBeDefined()
  })

  test.skipIf(skip)('input items come in pages, in either order', async () => {
    const { responses } = store
    await responses.put(response({ inputItems: ['a', 'b', 'c'].map((id) => ({ id })) }))
    const page = (query: { limit: number; order: 'asc' | 'desc'; after?: string }) =>
      responses.inputItems(response({}), query)
    expect(await page({ limit: 2, order: 'asc' })).toEqual({ items: [{ id: 'a' }, { id: 'b' }], hasMore: true })
    expect(await page({ limit: 2, order: 'asc', after: 'b' })).toEqual({ items: [{ id: 'c' }], hasMore: false })
    expect(await page({ limit: 2, order: 'desc' })).toEqual({ items: [{ id: 'c' }, { id: 'b' }], hasMore: true })
    expect(await page({ limit: 2, order: 'desc', after: 'x' })).toEqual({ items: [], hasMore: false })
  })

  test.skipIf(skip)('a chain is all that a response goes on from, the oldest first', async () => {
    const { responses } = store
    const chain = Array.from({ length: 5 }, (_, n) =>
      response({ id: `resp_${n}`, ...(n > 0 && { previousId: `resp_${n - 1}` }) }),
    )
    for (const one of chain) await responses.put(one)
    await responses.put(response({ id: 'resp_branch', previousId: 'resp_1' }))
    expect(await responses.chain({ ...response({ id: 'resp_4' }), ...bounds })).toEqual({
      type: 'found',
      responses: chain,
    })
    expect(await responses.chain({ ...response({ id: 'resp_branch' }), ...bounds })).toMatchObject({
      responses: [{ id: 'resp_0' }, { id: 'resp_1' }, { id: 'resp_branch' }],
    })
  })

  test.skipIf(skip)('a chain that lacks a link is missing as a whole, and one beyond a bound is too long', async () => {
    const { responses } = store
    for (let n = 0; n < 4; n += 1) {
      await responses.put(response({ id: `resp_${n}`, ...(n > 0 && { previousId: `resp_${n - 1}` }) }))
    }
    const last = response({ id: 'resp_3' })
    expect(await responses.chain({ ...last, ...bounds, responsesMax: 4 })).toMatchObject({ type: 'found' })
    expect(await responses.chain({ ...last, ...bounds, responsesMax: 3 })).toEqual({ type: 'too-long' })
    expect(await responses.chain({ ...last, ...bounds, bytesMax: 100 })).toEqual({ type: 'too-long' })
    await responses.delete(response({ id: 'resp_1' }))
    expect(await responses.chain({ ...last, ...bounds })).toEqual({ type: 'missing', id: 'resp_1' })
  })

  test.skipIf(skip)('a response that points at itself ends as too long', async () => {
    const { responses } = store
    await responses.put(response({ previousId: 'resp_1' }))
    expect(await responses.chain({ ...response({}), ...bounds })).toEqual({ type: 'too-long' })
  })

  test.skipIf(skip)('a conversation that goes on keeps its beginning', async () => {
    const { responses } = store
    await responses.put(response({ id: 'resp_0', expiresMs: 10 * dayMs }))
    await responses.put(response({ id: 'resp_1', previousId: 'resp_0', expiresMs: 20 * dayMs }))
    clock.nowMs = 15 * dayMs
    await responses.put(response({ id: 'resp_2', previousId: 'resp_1', expiresMs: 25 * dayMs }))
    clock.nowMs = 24 * dayMs
    expect(await responses.chain({ ...response({ id: 'resp_2' }), ...bounds })).toMatchObject({
      type: 'found',
      responses: [{ id: 'resp_0' }, { id: 'resp_1' }, { id: 'resp_2' }],
    })
  })

  test.skipIf(skip)('many conversations that go on from one response at the same time are all kept', async () => {
    const { responses } = store
    await responses.put(response({ id: 'resp_0' }))
    const branches = Array.from({ length: 40 }, (_, n) =>
      response({ id: `resp_b${n}`, previousId: 'resp_0', expiresMs: 31 * dayMs + n }),
    )
    await Promise.all(branches.map((branch) => responses.put(branch)))
    const chains = await Promise.all(branches.map((branch) => responses.chain({ ...branch, ...bounds })))
    expect(chains.map(({ type }) => type)).toEqual(branches.map(() => 'found'))
    expect((await responses.get(response({ id: 'resp_0' })))?.expiresMs).toBe(31 * dayMs + 39)
  })

  test.skipIf(skip)('a call whose signal is gone already does nothing', async () => {
    const { responses } = store
    const signal = AbortSignal.abort(new Error('given up'))
    await expect(responses.put(response({}), { signal })).rejects.toThrow('given up')
    expect(await responses.get(response({}))).toBeUndefined()
  })
})
