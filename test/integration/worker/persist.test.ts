import { afterAll, describe, expect, test } from 'vitest'

import { silentLogger } from '../../../src/core/logger.ts'
import { writeFlowEvent } from '../../../src/events/flow-event.ts'
import { flowOf } from '../../../src/events/flow-of.ts'
import type { Store } from '../../../src/store/open-store.ts'
import { startWorker, type WorkerOptions } from '../../../src/worker-runner.ts'
import { persistWorker } from '../../../workers/persist.ts'
import { requestRecord } from '../../support/request-record.ts'
import { writeFileReadEvent } from '../../../src/events/file-read-event.ts'
import { claimsOf } from '../../../src/memory/identity/claims-of.ts'
import { shownHistory } from '../../../src/memory/identity/shown-history.ts'
import { ask, chat } from '../../support/memory/memory-client.ts'
import { claimsWith, turnEvent } from '../../support/turn-events.ts'
import { engines, openTestStore } from '../store/engines.ts'

const dayMs = 86_400_000

for (const { name, skip, emptyPlace } of engines) {
  describe.skipIf(skip !== undefined)(`persist on ${name}`, () => {
    let opened: Promise<Store> | undefined
    const store = (): Promise<Store> => (opened ??= emptyPlace().then((place) => openTestStore(place)))

    afterAll(async () => {
      await (await opened)?.close()
    })

    async function work(options: Partial<WorkerOptions> = {}) {
      const opened = await store()
      const definition = persistWorker({
        store: () => Promise.resolve(opened),
        turnsKeepMs: dayMs,
        lineageKeepMs: dayMs,
      })
      return startWorker({
        definition,
        bus: () => opened.bus,
        batch: 50,
        concurrency: 2,
        logger: silentLogger,
        ...options,
      })
    }

    test('a turn that is told of many times is kept once, whole', async () => {
      const { bus, turns } = await store()
      await bus.publish([turnEvent('twice'), { ...turnEvent('twice'), id: 'twice/again' }, turnEvent('other')])
      const worker = await work({ once: true })
      await worker.ended
      expect(worker.standing()).toMatchObject({ done: 3, buried: 0, held: 0, isWell: true })
      expect(await turns.known(['twice', 'other', 'none'])).toEqual(new Set(['twice', 'other']))
    })

    test('lineage is kept without a turn, and with what was done for it later (N3.3)', async () => {
      const { bus, flows } = await store()
      const startedAtMs = Date.now()
      const flow = flowOf(requestRecord({ requestId: 'flow', correlationId: 'c', tenant: 'acme', startedAtMs }))
      await bus.publish([writeFlowEvent(flow, { instanceId: 'i' })])
      const alone = await work({ once: true })
      await alone.ended
      expect(alone.standing()).toMatchObject({ done: 1, buried: 0 })
      expect(await flows.find({ id: 'c', tenant: 'acme', most: 10 })).toEqual([JSON.parse(JSON.stringify(flow))])
      await bus.publish([turnEvent('flow')])
      await (
        await work({ once: true })
      ).ended
      const [whole] = await flows.find({ id: 'flow', most: 10 })
      expect(whole?.steps.map(({ type }) => type)).toEqual([...flow.steps.map(({ type }) => type), 'persist'])
    })

    test('what can never be kept is put aside, and everything around it is kept (N3.3)', async () => {
      const { bus, turns } = await store()
      const good = Array.from({ length: 20 }, (_, n) => turnEvent(`good-${n}`))
      const unknown = { ...turnEvent('v0'), headers: { 'ce-type': 'llmr.knowledge.chat.persist.v0' } }
      const impossible = turnEvent('impossible', { promptTokens: 9e15 })
      const { body } = turnEvent('never')
      const never = { ...turnEvent('never'), body: { ...(body as object), started_at_ms: 9e15 } }
      await bus.publish([unknown, ...good.slice(0, 10), impossible, never, ...good.slice(10)])
      const worker = await work({ once: true })
      await worker.ended
      expect(worker.standing()).toMatchObject({ done: 20, buried: 3, held: 0 })
      expect((await turns.known(good.map((_, n) => `good-${n}`))).size).toBe(20)
      const letters = await bus.deadLetters(10)
      expect(new Set(letters.map(({ event }) => event.id))).toEqual(
        new Set(['v0/persist', 'impossible/persist', 'never/persist']),
      )
    })

    test('while the store cannot be had events are held, however long it takes, and none is put aside', async () => {
      const opened = await store()
      const { bus, turns } = opened
      await bus.publish([turnEvent('held')])
      let isAway = true
      let asked = 0
      const again = Promise.withResolvers<void>()
      const definition = persistWorker({
        store: () => {
          asked += 1
          if (asked > 1) again.resolve()
          return isAway ? Promise.reject(new Error('connection refused')) : Promise.resolve(opened)
        },
        turnsKeepMs: dayMs,
        lineageKeepMs: dayMs,
      })
      const worker = startWorker({
        definition,
        bus: () => bus,
        batch: 10,
        concurrency: 1,
        once: true,
        logger: silentLogger,
      })
      await again.promise
      expect(worker.standing().isWell).toBe(false)
      isAway = false
      await worker.ended
      expect(worker.standing()).toMatchObject({ done: 1, buried: 0, isWell: true })
      expect((await turns.known(['held'])).size).toBe(1)
    })

    test('a worker that is closed gives back what it could not do', async () => {
      const { bus, turns } = await store()
      await bus.publish([turnEvent('given back')])
      const asked = Promise.withResolvers<void>()
      const definition = persistWorker({
        store: () => {
          asked.resolve()
          return Promise.reject(new Error('connection refused'))
        },
        turnsKeepMs: dayMs,
        lineageKeepMs: dayMs,
      })
      const worker = startWorker({ definition, bus: () => bus, batch: 10, concurrency: 1, logger: silentLogger })
      await asked.promise
      await worker.close()
      await worker.close()
      const heir = await work({ once: true })
      await heir.ended
      expect((await turns.known(['given back'])).size).toBe(1)
    })

    const readOf = (requestId: string) => {
      const read = {
        tenant: 'default',
        principal: 'ada',
        requestId,
        callId: 'call_1',
        path: 'a.ts',
        bytes: 3,
        content: 'abc',
      }
      const sha256 = 'ab'.repeat(32)
      return writeFileReadEvent({ ...read, sha256, correlationId: 'c' }, { atMs: 1, source: { instanceId: 'i' } })
    }

    test('files that were read are kept once, and belong to the reply that was given them, in whatever order it is told (N1.20)', async () => {
      const { bus, conversations, recall } = await store()
      await bus.publish([readOf('reads-early')])
      await (
        await work({ once: true })
      ).ended
      await bus.publish([turnEvent('reads-early'), turnEvent('reads-late')])
      await (
        await work({ once: true })
      ).ended
      await bus.publish([readOf('reads-late'), { ...readOf('reads-late'), id: 'again' }])
      await (
        await work({ once: true })
      ).ended
      const scope = { tenant: 'default', principal: 'ada' }
      for (const requestId of ['reads-early', 'reads-late']) {
        const found = await conversations.find(scope, claimsWith({ previousRequestId: requestId }))
        const reply = found.turns[0]?.replies.find((one) => one.requestId === requestId)
        const files = await recall.files(scope, [reply?.id ?? ''], { most: 4, charactersMax: 100 })
        expect(files).toMatchObject([{ uri: 'a.ts', content: 'abc' }])
      }
    })

    test('what a client sent along of a conversation that nobody knew is kept with its first turn', async () => {
      const { bus, turns } = await store()
      const claims = claimsOf({
        scope: { tenant: 'default', principal: 'ada' },
        messages: chat('one', 'One.', 'two', 'Two.', 'three'),
      })
      if (claims === undefined) throw new Error('expected claims')
      const history = shownHistory(chat('one', 'One.', 'two', 'Two.', 'three'))
      await bus.publish([turnEvent('imports', { claims, history, userText: 'three' })])
      await (
        await work({ once: true })
      ).ended
      expect(await turns.known(['imports', 'imports/1', 'imports/2', 'imports/3'])).toEqual(
        new Set(['imports', 'imports/1', 'imports/2']),
      )
    })

    test('what is told of a conversation after it was forgotten is not kept', async () => {
      const { bus, conversations, turns, forget } = await store()
      const scope = { tenant: 'default', principal: 'ada' }
      const place = await ask(conversations, { scope, messages: chat('hi'), requestId: 'forgotten' })
      await forget({ conversation: place.conversation })
      await bus.publish([turnEvent('forgotten', { place })])
      await (
        await work({ once: true })
      ).ended
      expect((await turns.placed(['forgotten'])).size).toBe(0)
    })

    test('a turn that was forgotten stays so, and the files that it read, however often and however late it is told of', async () => {
      const { bus, turns, records, forget, forgotten } = await store()
      const told = (again: string) => [
        // Nobody knew where it belonged when it was told of.
        { ...turnEvent('gone', { userText: 'tulips', toolCalls: [], place: undefined }), id: `gone/${again}` },
        { ...readOf('gone'), id: `read/${again}` },
        { ...turnEvent('stays', { principal: 'eve', place: undefined }), id: `stays/${again}` },
      ]
      await bus.publish(told('first'))
      await (
        await work({ once: true })
      ).ended
      const [found] = await records.search({ words: ['tulips'], most: 1 })
      expect(await forget({ conversation: found?.conversation ?? '' })).toMatchObject({ conversations: 1 })
      await bus.publish(told('again'))
      await (
        await work({ once: true })
      ).ended
      expect(await turns.placed(['gone', 'stays'])).toEqual(new Set(['stays']))
      expect(await records.search({ words: ['tulips'], most: 1 })).toEqual([])
      const scope = { tenant: 'default', principal: 'ada' }
      const asked = ['gone', 'stays'].map((requestId) => ({ ...scope, requestId, atMs: Date.now() + dayMs }))
      expect(await forgotten.among(asked)).toEqual(new Set(['gone']))
    })

    test('of whoever was forgotten nothing is kept that they had said until then, though its event comes only now', async () => {
      const { bus, turns, forget } = await store()
      const beforeMs = Date.now() - 10_000
      await forget({ principal: 'webui/dora', tenant: 'default' })
      await forget({ principal: 'office', tenant: 'default' })
      await forget({ principal: 'anywhere' })
      const said = (requestId: string, principal: string, more: { tenant?: string; startedAtMs?: number } = {}) =>
        turnEvent(requestId, { principal, startedAtMs: beforeMs, ...more })
      await bus.publish([
        said('dora', 'webui/dora'),
        said('a user of the key', 'office/carl'),
        said('everywhere', 'anywhere', { tenant: 'acme' }),
        said('later', 'webui/dora', { startedAtMs: Date.now() + 60_000 }),
        said('another', 'webui/dolly'),
        said('the key itself', 'webui'),
        said('of another tenant', 'office', { tenant: 'acme' }),
      ])
      await (
        await work({ once: true })
      ).ended
      const ids = ['dora', 'a user of the key', 'everywhere', 'later', 'another', 'the key itself', 'of another tenant']
      expect(await turns.known(ids)).toEqual(new Set(ids.slice(3)))
    })

    test('a conversation that has expired is taken away with all that belongs to it', async () => {
      const { bus, conversations, turns } = await store()
      await bus.publish([turnEvent('old', { startedAtMs: Date.now() - 2 * dayMs })])
      const worker = await work({ once: true })
      await worker.ended
      expect((await turns.known(['old'])).size).toBe(1)
      expect(await conversations.removeExpired(10)).toBe(1)
      expect((await turns.placed(['old'])).size).toBe(0)
    })
  })
}
