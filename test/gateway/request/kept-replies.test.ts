import { expect, test } from 'vitest'

import { LlmrError } from '../../../src/core/error.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import type { KeptReply } from '../../../src/core/chat/kept-reply.ts'
import { KeptReplies } from '../../../src/gateway/request/kept-replies.ts'
import type { Store } from '../../../src/store/open-store.ts'
import { StoreAccess } from '../../../src/store/store-access.ts'
import type { ResponseChain, StoredResponses } from '../../../src/store/stored-responses.ts'
import { fakeStore } from '../../store/fake-store.ts'

const me = { tenant: 'acme', principal: 'me' }

const reply: KeptReply = {
  id: 'resp_1',
  model: 'm',
  status: 'completed',
  createdMs: 1,
  inputItems: [],
  outputItems: [],
  metadata: {},
  fields: {},
}

/** Keeps replies in a store of which only these methods are there. */
function over(responses: Partial<StoredResponses>): KeptReplies {
  const store: Store = fakeStore({ responses: responses as StoredResponses })
  const clock = { now: () => 1_000, monotonic: () => 0 }
  const access = new StoreAccess({ open: () => Promise.resolve(store), clock, logger: silentLogger })
  return new KeptReplies({ store: access, keepMs: () => 500, clock, lookupTimeoutMs: 20 })
}

const hang = (): Promise<never> => new Promise(() => undefined)

test('a reply is kept for its principal, for as long as is configured', async () => {
  const puts: unknown[] = []
  const replies = over({ put: (response) => Promise.resolve(void puts.push(response)) })
  expect(await replies.keep(me, reply)).toBe(true)
  expect(puts).toEqual([{ ...reply, ...me, expiresMs: 1_500 }])
})

test('a store that fails or hangs keeps nothing, which is no error of the reply', async () => {
  expect(await over({ put: () => Promise.reject(new Error('no')) }).keep(me, reply)).toBe(false)
  expect(await over({ put: hang }).keep(me, reply)).toBe(false)
})

test('what needs the store is refused when it fails, and after a while when it hangs', async () => {
  const refused = { code: 'store_unavailable', status: 503 }
  await expect(over({ get: () => Promise.reject(new Error('no')) }).find(me, 'resp_1')).rejects.toMatchObject(refused)
  await expect(over({ get: hang }).find(me, 'resp_1')).rejects.toMatchObject(refused)
  await expect(over({ getAll: hang }).recall(me, { replyIds: ['resp_1'] })).rejects.toMatchObject(refused)
})

test('what is not there is not found, and no field of a request is to blame', async () => {
  const replies = over({
    get: () => Promise.resolve(undefined),
    delete: () => Promise.resolve(false),
    inputItems: () => Promise.resolve(undefined),
  })
  const refused = { code: 'response_not_found', status: 404, facts: { isRetryable: false } }
  await expect(replies.find(me, 'resp_1')).rejects.toMatchObject(refused)
  await expect(replies.delete(me, 'resp_1')).rejects.toMatchObject(refused)
  await expect(replies.inputItems(me, 'resp_1', { limit: 1, order: 'asc' })).rejects.toMatchObject(refused)
  await expect(replies.find(me, 'resp_1')).rejects.not.toHaveProperty('facts.param')
})

const chains: Readonly<Record<string, readonly [ResponseChain, object]>> = {
  'was never there': [
    { type: 'missing', id: 'resp_9' },
    { code: 'response_not_found', message: /no response "resp_9"\./ },
  ],
  'has lost its beginning': [
    { type: 'missing', id: 'resp_0' },
    { code: 'response_not_found', message: /"resp_0" that "resp_9" went on from/ },
  ],
  'is too long': [{ type: 'too-long' }, { code: 'invalid_request', message: /begin a new one/ }],
}

test.for(Object.entries(chains))(
  'a conversation that %s is refused, and the store is not to blame',
  async ([, [chain, refusal]]) => {
    const replies = over({ getAll: () => Promise.resolve([]), chain: () => Promise.resolve(chain) })
    const failure = await replies.recall(me, { previousId: 'resp_9', replyIds: [] }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(LlmrError)
    const { code, message } = refusal as { code: string; message: RegExp }
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) })
  },
)
