import { afterAll, describe, expect, test } from 'vitest'

import type { PathSummary } from '../../../src/core/conversation-path.ts'
import { flowOf } from '../../../src/events/flow-of.ts'
import { digestOf } from '../../../src/memory/embeddings/cached-embedder.ts'
import type { Store } from '../../../src/store/open-store.ts'
import { keepPath, keepRound } from '../../support/kept-rounds.ts'
import { requestRecord } from '../../support/request-record.ts'
import { engines, openTestStore } from './engines.ts'

const space = { model: 'm', dimensions: 2 }
const rounds = (name: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({
    requestId: `${name}-${n}`,
    userText: `asked ${name} ${n}`,
    replyText: `said ${name} ${n}`,
  }))

/** What workers did for a request, told after the request itself. */
async function stepsOf({ flows }: Store, requestId: string) {
  await flows.add([flowOf(requestRecord({ requestId, startedAtMs: Date.now() }))], { keepMs: 60_000 })
  const [flow] = await flows.find({ id: requestId, most: 1 })
  return flow?.steps.filter(({ type }) => type === 'embed' || type === 'summarise')
}

for (const { name, skip, emptyPlace } of engines) {
  describe.skipIf(skip !== undefined)(`what is made of conversations, on ${name}`, () => {
    let opening: Promise<Store> | undefined
    const opened = (): Promise<Store> => (opening ??= emptyPlace().then((place) => openTestStore(place)))

    afterAll(async () => {
      await (await opening)?.close()
    })

    test('a round has a vector once it was given one, in that space alone', async () => {
      const store = await opened()
      await keepPath(store, rounds('v', 2))
      const { embeddings } = store
      const missing = async (wanted = space) =>
        (await embeddings.missing(['v-0', 'v-1', 'gone'], wanted)).map(({ requestId }) => requestId)
      expect(await embeddings.missing(['v-0'], space)).toEqual([
        { requestId: 'v-0', userText: 'asked v 0', replyText: 'said v 0' },
      ])
      const vector = { requestId: 'v-0', digest: digestOf('a'), vector: [0.6, 0.8] }
      await embeddings.add([vector, { ...vector, requestId: 'gone' }], space)
      await embeddings.add([{ ...vector, vector: [1, 0] }], space)
      expect(await missing()).toEqual(['v-1'])
      expect(await missing({ model: 'other', dimensions: 2 })).toEqual(['v-0', 'v-1'])
      const known = await embeddings.ofTexts([digestOf('a'), digestOf('b')], space)
      expect(Array.from(known.keys())).toEqual([digestOf('a')])
      expect(known.get(digestOf('a'))?.[1]).toBeCloseTo(0.8, 2)
      expect(await embeddings.ofTexts([digestOf('a')], { model: 'm', dimensions: 3 })).toEqual(new Map())
    })

    test('how vectors and summaries were made is told with them, and of those that were not kept not at all', async () => {
      const store = await opened()
      const [, last] = await keepPath(store, rounds('told', 2))
      const done = { startedAtMs: Date.now(), durationUs: 7, keepMs: 60_000 }
      const vector = { requestId: 'told-0', digest: digestOf('a'), vector: [1, 0] }
      await store.embeddings.add([vector, { ...vector, requestId: 'told-never' }], space, {
        ...done,
        facts: { texts: 2 },
      })
      await store.embeddings.add([vector], space, { ...done, facts: { texts: 1 } })
      const summary = {
        level: 1,
        fromDepth: 1,
        uptoDepth: 2,
        source: digestOf('a'),
        text: 'It.',
        tokens: 1,
        model: 'm',
      }
      const place = { uptoReply: last?.reply ?? '', promptVersion: 2 }
      await store.summaries.put({ ...summary, ...place }, { ...done, requestId: 'told-1' })
      await store.summaries.put({ ...summary, ...place, promptVersion: 1 }, { ...done, requestId: 'told-0' })
      await store.summaries.put({ ...summary, ...place, uptoReply: '999999999' }, { ...done, requestId: 'told-0' })
      const told = await Promise.all(['told-0', 'told-1'].map((id) => stepsOf(store, id)))
      expect(told).toMatchObject([
        [{ type: 'embed', ref: 'm', facts: { dimensions: 2, texts: 2 } }],
        [{ type: 'summarise', ref: 'm', facts: { from_round: 1, to_round: 2, level: 1, tokens: 1 } }],
      ])
    })

    test('another number of dimensions replaces the vector of the same model', async () => {
      const store = await opened()
      await keepPath(store, rounds('d', 1))
      const { embeddings } = store
      await embeddings.add([{ requestId: 'd-0', digest: digestOf('a'), vector: [1, 0] }], space)
      const wider = { model: 'm', dimensions: 3 }
      await embeddings.add([{ requestId: 'd-0', digest: digestOf('a'), vector: [0, 0, 1] }], wider)
      expect(await embeddings.missing(['d-0'], wider)).toEqual([])
      expect(await embeddings.missing(['d-0'], space)).toHaveLength(1)
    })

    test('what has no vector of a model is found page by page', async () => {
      const store = await opened()
      await keepPath(store, rounds('lacking', 5))
      const found: string[] = []
      const wanted = { model: 'new', dimensions: 2 }
      await store.embeddings.add([{ requestId: 'lacking-2', digest: digestOf('a'), vector: [1, 0] }], wanted)
      for (let after: string | undefined = ''; after !== undefined;) {
        const page = await store.embeddings.lacking(wanted, { after, window: 2 })
        found.push(...page.rounds.map(({ requestId }) => requestId))
        after = page.next
      }
      const ours = found.filter((id) => id.startsWith('lacking'))
      expect(ours).toEqual(['lacking-0', 'lacking-1', 'lacking-3', 'lacking-4'])
    })

    test('a path leads from the root to a reply, and holds nothing of other branches', async () => {
      const store = await opened()
      const [first, second, third] = await keepPath(store, rounds('path', 3))
      const sibling = await keepRound(store, {
        requestId: 'sibling',
        userText: 'asked otherwise',
        replyText: 'said otherwise',
        under: first,
      })
      const path = await store.summaries.path('path-2')
      expect(path.map(({ reply, depth }) => ({ reply, depth }))).toEqual([
        { reply: first?.reply, depth: 1 },
        { reply: second?.reply, depth: 2 },
        { reply: third?.reply, depth: 3 },
      ])
      expect(path[0]?.tokens).toBe(Math.ceil(('asked path 0'.length + 'said path 0'.length) / 4))
      expect((await store.summaries.path('sibling')).map(({ reply }) => reply)).toEqual([first?.reply, sibling.reply])
      expect(new Set(path.map(({ digest }) => digest)).size).toBe(3)
      expect(await store.summaries.path('nobody')).toEqual([])
      expect(await store.summaries.spoken([third?.reply ?? '', first?.reply ?? ''])).toEqual([
        { userText: 'asked path 2', replyText: 'said path 2' },
        { userText: 'asked path 0', replyText: 'said path 0' },
      ])
    })

    test('long paths are told from short ones, and only at their ends', async () => {
      const store = await opened()
      const [first] = await keepPath(store, rounds('long', 4))
      await keepRound(store, { requestId: 'long-b', userText: 'asked', replyText: 'said', under: first })
      const all = ['long-0', 'long-1', 'long-2', 'long-3', 'long-b', 'nobody']
      expect(await store.summaries.long(all, 13)).toEqual(['long-3'])
      expect(await store.summaries.long(all, 1)).toEqual(['long-3', 'long-b'])
    })

    test('a summary replaces the one before it at its place, never one of a later prompt, and can be removed', async () => {
      const store = await opened()
      const [round] = await keepPath(store, rounds('sum', 1))
      const summary: PathSummary & { readonly model: string } = {
        uptoReply: round?.reply ?? '',
        level: 1,
        fromDepth: 1,
        uptoDepth: 1,
        promptVersion: 1,
        source: digestOf('what was said'),
        text: 'Old.\u0000',
        tokens: 1,
        model: 'm',
      }
      const { model: _, ...kept } = summary
      const { summaries } = store
      await summaries.put(summary)
      await summaries.put({ ...summary, promptVersion: 2, text: 'New.' })
      await summaries.put(summary)
      await summaries.put({ ...summary, level: 2 })
      await summaries.put({ ...summary, uptoReply: '999999999' })
      expect(await summaries.kept([summary.uptoReply])).toEqual([
        { ...kept, promptVersion: 2, text: 'New.' },
        { ...kept, level: 2, text: 'Old.\uFFFD' },
      ])
      await summaries.remove([{ uptoReply: summary.uptoReply, level: 2 }])
      expect(await summaries.kept([summary.uptoReply])).toHaveLength(1)
    })

    test('with a conversation go its vectors and its summaries', async () => {
      const store = await opened()
      const [wanted] = rounds('expired', 1)
      if (wanted === undefined) throw new Error('no round')
      const { reply } = await keepRound(store, { ...wanted, keepMs: -1 })
      await store.embeddings.add([{ requestId: 'expired-0', digest: digestOf('only here'), vector: [1, 0] }], space)
      const place = { level: 1, fromDepth: 1, uptoDepth: 1, promptVersion: 1, source: digestOf('x') }
      await store.summaries.put({ ...place, uptoReply: reply, text: 'It.', tokens: 1, model: 'm' })
      expect((await store.embeddings.ofTexts([digestOf('only here')], space)).size).toBe(1)
      expect(await store.conversations.removeExpired(10)).toBe(1)
      expect((await store.embeddings.ofTexts([digestOf('only here')], space)).size).toBe(0)
      expect(await store.summaries.kept([reply])).toEqual([])
    })
  })
}
