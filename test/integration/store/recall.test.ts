import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Store } from '../../../src/store/open-store.ts'
import { ada, say } from '../memory/say.ts'
import { engines, openTestStore } from './engines.ts'

describe.for(engines)('what leads to a request, on $name', ({ skip, emptyPlace }) => {
  let store: Store

  beforeAll(async () => {
    if (skip === undefined) store = await openTestStore(await emptyPlace())
  })
  afterAll(() => store?.close())

  const pathOf = (reply: string, words: readonly string[] = [], scope = ada) =>
    store.recall.path({ scope, reply, words })

  test.skipIf(skip)(
    'the path is the rounds before it, the latest first, with the words that stand in each',
    async () => {
      const one = await say(store, { user: 'My cat is called Miso.', reply: 'A fine name.' })
      const two = await say(store, { after: one, user: 'It sleeps in src/store/box.ts', reply: "That's odd\\" })
      const three = await say(store, { after: two, user: 'What is my cat called?' })
      expect(await pathOf(three.reply, ['cat', 'miso', 'src/store/box.ts', "it's", 'odd', '\\', '\u0000'])).toEqual([
        { reply: two.reply, turn: two.turn, depth: 2, distance: 0, words: [2, 4], length: 7, filesOf: [] },
        { reply: one.reply, turn: one.turn, depth: 1, distance: 1, words: [0, 1], length: 8, filesOf: [] },
      ])
      const rounds = await store.recall.rounds(ada, [one.reply, three.reply])
      expect(rounds).toEqual([
        { reply: one.reply, userText: 'My cat is called Miso.', replyText: 'A fine name.', atMs: expect.any(Number) },
      ])
    },
  )

  test.skipIf(skip)(
    'words are found by how they begin, and in a script without blanks wherever they stand',
    async () => {
      const one = await say(store, { user: 'The marathon is in Lisbon.', reply: '我的猫叫米索，四岁了。' })
      const two = await say(store, { after: one, user: 'What else?' })
      const words = ['marath*', 'arath*', 'lis', 'lis*', "o'*", '米索', '索米', '猫叫']
      expect(await pathOf(two.reply, words)).toMatchObject([{ reply: one.reply, words: [0, 3, 5, 7] }])
    },
  )

  test.skipIf(skip)('never a sibling, a later turn, or another attempt at the same turn', async () => {
    const root = await say(store, { user: 'root', reply: 'root reply' })
    const left = await say(store, { after: root, user: 'left', reply: 'left reply' })
    const right = await say(store, { after: root, user: 'right', reply: 'right reply' })
    const rightAgain = await say(store, { after: root, user: 'right', reply: 'right reply, another' })
    expect(rightAgain.turn).toBe(right.turn)
    const afterRight = await say(store, { after: rightAgain, user: 'on', reply: 'on reply' })
    const end = await say(store, { after: afterRight, user: 'end' })
    await say(store, { after: end, user: 'later', reply: 'later reply' })
    const replies = (await pathOf(end.reply)).map(({ reply }) => reply)
    expect(replies).toEqual([afterRight.reply, rightAgain.reply, root.reply])
    expect(replies).not.toContain(left.reply)
    expect(await pathOf(root.reply)).toEqual([])
  })

  test.skipIf(skip)('the steps of an agent are one round, and its own earlier steps are none', async () => {
    const first = await say(store, { user: 'read the file' })
    const second = await say(store, { after: first, isStep: true, user: 'read the file', reply: 'It says hello.' })
    const next = await say(store, { after: second, user: 'and now?' })
    const nextStep = await say(store, { after: next, isStep: true, user: 'and now?' })
    for (const { reply } of [next, nextStep]) {
      expect(await pathOf(reply)).toMatchObject([{ reply: second.reply, turn: second.turn, distance: 0 }])
    }
  })

  test.skipIf(skip)('a round of which nothing is kept yet has its place on the path', async () => {
    const one = await say(store, { user: 'one', reply: 'one' })
    const two = await say(store, { after: one, user: 'two' })
    const three = await say(store, { after: two, user: 'three' })
    expect(await pathOf(three.reply, ['one'])).toMatchObject([
      { reply: two.reply, length: 0, words: [] },
      { reply: one.reply, words: [0] },
    ])
  })

  test.skipIf(skip)('nobody else gets anything, whatever numbers they ask for', async () => {
    const one = await say(store, { user: 'secret', reply: 'secret' })
    const two = await say(store, { after: one, user: 'two', reply: 'two' })
    for (const scope of [
      { tenant: 'default', principal: 'mallory' },
      { tenant: 'other', principal: 'ada' },
    ]) {
      expect(await pathOf(two.reply, ['secret'], scope)).toEqual([])
      expect(await store.recall.rounds(scope, [one.reply, two.reply])).toEqual([])
      expect(await store.recall.files(scope, [one.reply], { most: 5, charactersMax: 100 })).toEqual([])
    }
    expect(await pathOf('9007199254740991')).toEqual([])
  })
})
