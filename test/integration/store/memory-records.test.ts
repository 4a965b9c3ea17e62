import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Store } from '../../../src/store/open-store.ts'
import { turnEvent } from '../../support/turn-events.ts'
import { ada, say } from '../memory/say.ts'
import { engines, openTestStore } from './engines.ts'

describe.for(engines)('what is kept of conversations, on $name', ({ skip, emptyPlace }) => {
  let store: Store
  const bob = { tenant: 'default', principal: 'bob' }

  beforeAll(async () => {
    if (skip === undefined) store = await openTestStore(await emptyPlace())
  })
  afterAll(() => store?.close())

  test.skipIf(skip)('a conversation is shown by its id, and by those of every request in it', async () => {
    const one = await say(store, { user: 'My cat is Miso.', reply: 'Noted.' })
    const two = await say(store, { after: one, user: 'And my dog is Udon.', reply: 'Noted, too.' })
    for (const id of [one.conversation, one.requestId, two.correlationId]) {
      expect(await store.records.show(id)).toMatchObject([
        {
          id: one.conversation,
          ...ada,
          source: 'inferred',
          olderRounds: 0,
          rounds: [
            { reply: one.reply, depth: 1, userText: 'My cat is Miso.', replyText: 'Noted.', isEmbedded: false },
            { reply: two.reply, depth: 2, after: one.reply, requestId: two.requestId },
          ],
        },
      ])
    }
    expect(await store.records.show('nothing of this name')).toEqual([])
  })

  test.skipIf(skip)('a conversation is shown by the name that its client gave it', async () => {
    const { conversation } = await say(store, { name: 'about birds', user: 'I saw a kingfisher.', reply: 'Lucky you.' })
    expect(await store.records.show('about birds')).toMatchObject([{ id: conversation, externalKey: 'about birds' }])
    expect(await store.records.show('\u0000')).toEqual([])
  })

  test.skipIf(skip)(
    'rounds are found by any of the words, those with most first, and only of whom is asked for',
    async () => {
      await say(store, { user: 'boiler', reply: 'hums' })
      const best = await say(store, { scope: bob, user: 'boiler invoice', reply: 'paid' })
      const found = await store.records.search({ words: ['boiler', 'invoice', "o'"], most: 10 })
      expect(found.map(({ userText }) => userText)).toEqual(['boiler invoice', 'boiler'])
      expect(found[0]).toMatchObject({ ...bob, requestId: best.requestId, conversation: best.conversation })
      expect(await store.records.search({ words: ['boiler'], principal: 'ada', most: 10 })).toHaveLength(1)
      expect(await store.records.search({ words: [], most: 10 })).toEqual([])
    },
  )

  test.skipIf(skip)('a forgotten conversation leaves nothing: no words, no place, no event in the tables', async () => {
    const kept = await say(store, { user: 'keep this marker', reply: 'yes' })
    const gone = await say(store, { user: 'forget this marker', reply: 'yes' })
    await store.bus.consumer({ name: 'somebody', subjects: ['pipeline.>'], ackWaitMs: 1_000 })
    await store.bus.publish([turnEvent(gone.requestId), turnEvent(kept.requestId)])
    expect(await store.forget({ conversation: gone.conversation })).toEqual({
      conversations: 1,
      rounds: 1,
      responses: 0,
      files: 0,
      events: 1,
    })
    expect(await store.records.show(gone.conversation)).toEqual([])
    expect((await store.records.search({ words: ['marker'], most: 5 })).map(({ userText }) => userText)).toEqual([
      'keep this marker',
    ])
    expect(await store.recall.path({ scope: ada, reply: gone.reply, words: [] })).toEqual([])
    expect(await store.forget({ conversation: gone.conversation })).toMatchObject({ conversations: 0, events: 0 })
  })

  test.skipIf(skip)('of a principal everything goes, and nothing of anybody else', async () => {
    const carol = { tenant: 'default', principal: 'carol' }
    const other = { tenant: 'other', principal: 'carol' }
    for (const user of ['one', 'two', 'three']) await say(store, { scope: carol, user, reply: 'yes' })
    await say(store, { scope: other, user: 'four', reply: 'yes' })
    expect(await store.forget({ principal: 'carol', tenant: 'default' })).toMatchObject({ conversations: 3, rounds: 3 })
    expect(await store.records.search({ words: ['one', 'two', 'three'], principal: 'carol', most: 5 })).toEqual([])
    expect(await store.records.search({ words: ['four'], principal: 'carol', most: 5 })).toHaveLength(1)
  })

  test.skipIf(skip)("of a key its users' conversations go as well, and of a user only their own", async () => {
    const whose = ['webui/ada', 'webui/bob', 'webui', 'webui2']
    for (const principal of whose)
      await say(store, { scope: { tenant: 'default', principal }, user: 'daffodils', reply: 'lovely' })
    const left = async (principal: string) =>
      (await store.records.search({ words: ['daffodils'], principal, most: 9 })).length
    expect(await left('webui')).toBe(3)
    expect(await store.forget({ principal: 'webui/bob' })).toMatchObject({ conversations: 1 })
    expect(await left('webui')).toBe(2)
    expect(await store.forget({ principal: 'webui' })).toMatchObject({ conversations: 2 })
    expect([await left('webui'), await left('webui2')]).toEqual([0, 1])
  })
})
