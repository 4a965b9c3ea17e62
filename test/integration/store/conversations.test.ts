import { randomUUID } from 'node:crypto'

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Message } from '../../../src/core/chat/message.ts'
import type { MemoryScope } from '../../../src/core/memory-scope.ts'
import type { Store } from '../../../src/store/open-store.ts'
import { type Asked, ask, chat } from '../../support/memory/memory-client.ts'
import { engines, openTestStore } from './engines.ts'

const long = 'A reply that is long enough to be recognised by itself, since nobody else would be told just that.'

describe.for(engines)('conversations on $name', ({ skip, emptyPlace }) => {
  let store: Store
  let scope: MemoryScope

  beforeAll(async () => {
    if (skip === undefined) store = await openTestStore(await emptyPlace())
  })
  afterAll(() => store?.close())
  beforeEach(() => {
    scope = { tenant: 'home', principal: randomUUID() }
  })

  const say = (request: Omit<Asked, 'scope'>) => ask(store.conversations, { scope, ...request })

  test.skipIf(skip)('a chat that is sent whole is one conversation, each turn below the reply before it', async () => {
    const first = await say({ messages: chat('hi'), reply: 'Hello.' })
    const second = await say({ messages: chat('hi', 'Hello.', 'tell me more'), reply: 'Of what?' })
    const third = await say({ messages: chat('hi', 'Hello.', 'tell me more', 'Of what?', 'of cats'), reply: 'Meow.' })
    expect(first).toMatchObject({ tier: 'new', alignedTurns: [] })
    expect(second).toMatchObject({
      tier: 'chain',
      conversation: first.conversation,
      parentReply: first.reply,
      alignedTurns: [first.turn],
    })
    expect(third).toMatchObject({
      tier: 'chain',
      conversation: first.conversation,
      parentReply: second.reply,
      alignedTurns: [second.turn, first.turn],
    })
  })

  test.skipIf(skip)('requests that show nothing earlier never share a conversation (N1.7)', async () => {
    const one = await say({ messages: chat('hi'), reply: 'Hello.' })
    const other = await say({ messages: chat('hi'), reply: 'Hello!' })
    expect(other.conversation).not.toBe(one.conversation)
    const next = await say({ messages: chat('hi', 'Hello.', 'more') })
    expect(next.parentReply).toBe(one.reply)
  })

  test.skipIf(skip)(
    'another attempt is another reply of the same turn; which one was kept, what follows shows',
    async () => {
      const first = await say({ messages: chat('hi'), reply: 'Hello.' })
      const second = await say({ messages: chat('hi', 'Hello.', 'a joke'), reply: 'Knock.' })
      const again = await say({ messages: chat('hi', 'Hello.', 'a joke'), reply: 'A horse walks into a bar.' })
      expect(again).toMatchObject({ turn: second.turn, parentReply: first.reply })
      expect(again.reply).not.toBe(second.reply)
      const third = await say({ messages: chat('hi', 'Hello.', 'a joke', 'A horse walks into a bar.', 'another') })
      expect(third.parentReply).toBe(again.reply)
    },
  )

  test.skipIf(skip)('an edited message is a branch beside the one it was', async () => {
    const first = await say({ messages: chat('hi'), reply: 'Hello.' })
    const second = await say({ messages: chat('hi', 'Hello.', 'of cats'), reply: 'Meow.' })
    const edited = await say({ messages: chat('hi', 'Hello.', 'of dogs'), reply: 'Wuff.' })
    expect(edited).toMatchObject({ conversation: first.conversation, parentReply: first.reply })
    expect(edited.turn).not.toBe(second.turn)
    const third = await say({ messages: chat('hi', 'Hello.', 'of dogs', 'Wuff.', 'more') })
    expect(third).toMatchObject({ parentReply: edited.reply, alignedTurns: [edited.turn, first.turn] })
  })

  test.skipIf(skip)('a client that shows only the end is recognised by a long reply, or by two rounds', async () => {
    const first = await say({ messages: chat('hi'), reply: 'Hello.' })
    const second = await say({ messages: chat('hi', 'Hello.', 'two'), reply: 'Two.' })
    const third = await say({ messages: chat('hi', 'Hello.', 'two', 'Two.', 'three'), reply: long })
    expect(await say({ messages: chat('three', long, 'four') })).toMatchObject({
      tier: 'reply',
      conversation: first.conversation,
      parentReply: third.reply,
      alignedTurns: [third.turn],
    })
    expect(await say({ messages: chat('two', 'Two.', 'nine') })).toMatchObject({ tier: 'new' })
    expect(await say({ messages: chat('hi', 'Hello.', 'two', 'Two.', 'nine') })).toMatchObject({
      parentReply: second.reply,
    })
  })

  test.skipIf(skip)(
    'a history that nobody has seen is taken by its word, so that what follows fits below it',
    async () => {
      const first = await say({ messages: chat('one', 'One.', 'two', 'Two.', 'three'), reply: 'Three.' })
      expect(first).toMatchObject({ tier: 'new', alignedTurns: [] })
      const edited = await say({ messages: chat('one', 'One.', 'deux') })
      expect(edited).toMatchObject({ tier: 'chain', conversation: first.conversation })
      const next = await say({ messages: chat('one', 'One.', 'two', 'Two.', 'three', 'Three.', 'four') })
      expect(next).toMatchObject({ parentReply: first.reply })
      expect(next.alignedTurns).toHaveLength(3)
    },
  )

  const look = { id: 'call_5f3a9b2c7d', name: 'look', argumentsText: '{}' }
  const called = (id: string): readonly Message[] => [
    { role: 'assistant', parts: [{ type: 'tool-call', id, name: 'look', argumentsText: '{}' }] },
    { role: 'tool', callId: id, parts: [{ type: 'text', text: '42' }] },
  ]

  test.skipIf(skip)("an agent's steps are replies of one turn, known by the calls that were given out", async () => {
    const first = await say({ messages: chat('look it up'), toolCalls: [look] })
    const second = await say({ messages: [...chat('look it up'), ...called(look.id)], reply: 'It is 42.' })
    expect(second).toMatchObject({ tier: 'tool', turn: first.turn, conversation: first.conversation })
    const said: Message = { role: 'assistant', parts: [{ type: 'text', text: 'It is 42.' }] }
    const next = [...chat('look it up'), ...called(look.id), said, ...chat('and now?')]
    expect(await say({ messages: next })).toMatchObject({
      tier: 'tool',
      parentReply: second.reply,
      alignedTurns: [first.turn],
    })
  })

  test.skipIf(skip)('an id that an engine gives out again and again joins nothing', async () => {
    const weak = { ...look, id: 'call_0' }
    const one = await say({ messages: chat('look up a'), toolCalls: [weak] })
    const other = await say({ messages: chat('look up b'), toolCalls: [weak] })
    const step = await say({ messages: [...chat('look up a'), ...called('call_0')] })
    expect(step).toMatchObject({ turn: one.turn })
    expect(other.conversation).not.toBe(one.conversation)
    expect((await say({ messages: [...chat('look up c'), ...called('call_0')] })).tier).toBe('new')
  })

  const key = { source: 'llmr', key: 'c-1' }

  test.skipIf(skip)(
    'a client that names its conversation and sends its last message alone goes on where it was',
    async () => {
      const first = await say({ key, messages: chat('hi'), reply: 'Hello.' })
      const second = await say({ key, messages: chat('hi'), reply: 'Hello again.' })
      const third = await say({ key, messages: chat('more') })
      expect([first.tier, second.tier, third.tier]).toEqual(['new', 'explicit', 'explicit'])
      expect(second).toMatchObject({ conversation: first.conversation, parentReply: first.reply })
      expect(third).toMatchObject({ conversation: first.conversation, parentReply: second.reply, sendsHistory: false })
    },
  )

  test.skipIf(skip)('a client that sends its history and shows none of it has begun again', async () => {
    await say({ key, messages: chat('hi'), reply: 'Hello.' })
    const second = await say({ key, messages: chat('hi', 'Hello.', 'more'), reply: 'Of what?' })
    const anew = await say({ key, messages: chat('something else') })
    expect(anew).toMatchObject({ conversation: second.conversation })
    expect(anew).not.toHaveProperty('parentReply')
  })

  test.skipIf(skip)('the id that llmr gave to a conversation names it too', async () => {
    const first = await say({ messages: chat('hi'), reply: 'Hello.' })
    const named = { source: 'llmr', key: first.conversation }
    expect(await say({ key: named, messages: chat('more') })).toMatchObject({
      tier: 'explicit',
      conversation: first.conversation,
      parentReply: first.reply,
    })
    const eve = { tenant: 'home', principal: randomUUID() }
    const guessed = await ask(store.conversations, { scope: eve, key: named, messages: chat('more') })
    expect(guessed.conversation).not.toBe(first.conversation)
  })

  test.skipIf(skip)('a reply that is named is gone on from, whatever is shown beside it', async () => {
    const first = await say({ messages: chat('hi'), reply: 'Hello.' })
    const next = await say({ previousRequestId: first.requestId, messages: chat('more') })
    expect(next).toMatchObject({ tier: 'response', conversation: first.conversation, parentReply: first.reply })
  })

  test.skipIf(skip)('nothing of another principal or tenant is ever found, whatever is shown (N1.7)', async () => {
    const messages = chat('hi', 'Hello.', 'two', long, 'three')
    const first = await say({ key, messages: chat('hi'), reply: 'Hello.', toolCalls: [look] })
    await say({ key, messages: chat('hi', 'Hello.', 'two'), reply: long })
    for (const foreign of [
      { ...scope, tenant: 'work' },
      { ...scope, principal: `${scope.principal}2` },
    ]) {
      const other = await ask(store.conversations, {
        scope: foreign,
        key,
        messages,
        previousRequestId: first.requestId,
      })
      expect(other).toMatchObject({ tier: 'new', alignedTurns: [] })
      expect(other.conversation).not.toBe(first.conversation)
      const step = [...chat('hi'), ...called(look.id)]
      expect((await ask(store.conversations, { scope: foreign, messages: step })).conversation).not.toBe(
        first.conversation,
      )
    }
  })

  test.skipIf(skip)('64 equal turns at the same moment are one turn with 64 replies', async () => {
    const first = await say({ messages: chat('hi'), reply: 'Hello.' })
    const messages = chat('hi', 'Hello.', 'more')
    const places = await Promise.all(Array.from({ length: 64 }, () => say({ messages })))
    expect(new Set(places.map(({ turn }) => turn)).size).toBe(1)
    expect(new Set(places.map(({ reply }) => reply)).size).toBe(64)
    expect(new Set(places.map(({ parentReply }) => parentReply))).toEqual(new Set([first.reply]))
  })

  test.skipIf(skip)('32 times the same request at the same moment is one reply (N3.4)', async () => {
    const requestId = randomUUID()
    const key32 = { source: 'llmr', key: 'c-32' }
    const places = await Promise.all(
      Array.from({ length: 32 }, () => say({ requestId, key: key32, messages: chat('hi') })),
    )
    expect(new Set(places.map(({ reply }) => reply)).size).toBe(1)
  })

  test.skipIf(skip)(
    '64 first requests with one key are one conversation, and for another principal another one',
    async () => {
      const places = await Promise.all(Array.from({ length: 64 }, () => say({ key, messages: chat('hi') })))
      expect(new Set(places.map(({ conversation }) => conversation)).size).toBe(1)
      expect(new Set(places.map(({ turn }) => turn)).size).toBe(1)
      const eve = { tenant: 'home', principal: randomUUID() }
      const other = await ask(store.conversations, { scope: eve, key, messages: chat('hi') })
      expect(other.conversation).not.toBe(places[0]?.conversation)
    },
  )

  test.skipIf(skip)(
    '32 first requests with one key and a history at the same moment are one conversation',
    async () => {
      const messages = chat('one', 'One.', 'two')
      const places = await Promise.all(Array.from({ length: 32 }, () => say({ key, messages })))
      expect(new Set(places.map(({ conversation }) => conversation)).size).toBe(1)
      expect(new Set(places.map(({ turn }) => turn)).size).toBe(1)
    },
  )

  test.skipIf(skip)('a conversation that was taken away in the meantime is begun anew', async () => {
    const first = await say({ messages: chat('hi'), reply: 'Hello.' })
    const forgetful = {
      ...bound(store.conversations),
      async find(...args: Parameters<Store['conversations']['find']>) {
        const found = await store.conversations.find(...args)
        await store.forget({ conversation: first.conversation })
        return found
      },
    }
    const next = await ask(forgetful, { scope, messages: chat('hi', 'Hello.', 'more') })
    expect(next).toMatchObject({ tier: 'new' })
    expect(next.conversation).not.toBe(first.conversation)
  })
})

function bound(conversations: Store['conversations']) {
  return {
    find: conversations.find.bind(conversations),
    put: conversations.put.bind(conversations),
    end: conversations.end.bind(conversations),
  }
}
