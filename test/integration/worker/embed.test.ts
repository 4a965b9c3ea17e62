import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { BusEvent } from '../../../src/core/bus.ts'
import type { LogFields, Logger } from '../../../src/core/logger.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { writePairEvent } from '../../../src/events/pair-event.ts'
import type { Store } from '../../../src/store/open-store.ts'
import { type RunningWorker, startWorker } from '../../../src/worker-runner.ts'
import { embedWorkerOf } from '../../../workers/worker-set.ts'
import { type FakeEmbedder, fakeDimensions, startFakeEmbedder } from '../../support/fake-embedder.ts'
import { keepRound } from '../../support/kept-rounds.ts'
import { workerConfig } from '../../support/worker-config.ts'
import { engines, openTestStore } from '../store/engines.ts'

const space = { model: 'm', dimensions: fakeDimensions }

for (const { name, skip, emptyPlace } of engines) {
  describe.skipIf(skip !== undefined)(`embed on ${name}`, () => {
    let opening: Promise<Store> | undefined
    const opened = (): Promise<Store> => (opening ??= emptyPlace().then((place) => openTestStore(place)))
    let embedder: FakeEmbedder
    const workers: RunningWorker[] = []
    let run = 0

    beforeEach(async () => {
      embedder = await startFakeEmbedder()
      run += 1
    })

    afterEach(async () => {
      for (const worker of workers.splice(0)) await worker.close()
      await embedder[Symbol.asyncDispose]()
    })

    afterAll(async () => {
      await (await opening)?.close()
    })

    /** Rounds with these words, kept as persist does. */
    async function keep(words: readonly string[]): Promise<readonly string[]> {
      const store = await opened()
      const ids = words.map((_, n) => `${String(run).padStart(3, '0')}-${n}`)
      for (const [n, userText] of words.entries()) {
        await keepRound(store, { requestId: ids[n] ?? '', userText, replyText: `About ${userText}.` })
      }
      return ids
    }

    async function publish(requestIds: readonly string[], again?: string): Promise<void> {
      const { bus } = await opened()
      const notice = { correlationId: 'c', principal: 'ada' }
      await bus.publish(requestIds.map((requestId) => writePairEvent('embedding', { ...notice, requestId }, again)))
    }

    async function work(settings = '', logger: Logger = silentLogger) {
      const { bus } = await opened()
      const config = workerConfig(
        `memory: {keep: on, embeddings: {model: m, url: '${embedder.url}', dimensions: ${fakeDimensions}${settings}}}`,
      )
      const store = { opened }
      const ownGateway = () => Promise.reject(new Error('not asked')) as never
      const definition = embedWorkerOf({ config, store, bus: () => Promise.resolve(bus), ownGateway })
      if (definition === undefined) throw new Error('no worker')
      const worker = startWorker({ definition, bus: () => bus, batch: 50, concurrency: 2, once: true, logger })
      workers.push(worker)
      return worker
    }

    const bare = async (ids: readonly string[]) =>
      (await (await opened()).embeddings.missing(ids, space)).map(({ requestId }) => requestId)

    test('rounds get their vectors in few calls, equal texts are asked for once, and what comes twice costs nothing', async () => {
      const ids = await keep(['boats', 'apples', 'boats'])
      await publish(ids)
      await publish(ids, 'again')
      const worker = await work(', document_prefix: "doc: "')
      await worker.ended
      expect(await bare(ids)).toEqual([])
      expect(embedder.calls.flat().toSorted()).toEqual(['doc: apples\n\nAbout apples.', 'doc: boats\n\nAbout boats.'])
      expect(worker.standing()).toMatchObject({ buried: 0, held: 0 })
    })

    test('what was kept before there was this model is done without being asked for', async () => {
      const ids = await keep(['earlier'])
      const worker = await work()
      await worker.ended
      expect(await bare(ids)).toEqual([])
    })

    test('a text that was embedded before is taken from there', async () => {
      const first = await keep(['the same words'])
      await (
        await work()
      ).ended
      run += 1
      const second = await keep(['the same words'])
      const calls = embedder.calls.length
      const worker = await work()
      await worker.ended
      expect(await bare([...first, ...second])).toEqual([])
      expect(embedder.calls).toHaveLength(calls)
      expect(worker.standing().counters).toContainEqual({
        metric: 'llmr_embedding_cache_total',
        labels: { kind: 'round', result: 'hit' },
        value: 1,
      })
    })

    test('an event of somebody else under the older subject is worked on (N3.3)', async () => {
      const ids = await keep(['alias'])
      const event: BusEvent = {
        id: `foreign-${run}`,
        subject: 'pipeline.knowledge.embedding',
        headers: {},
        body: { request_id: ids[0] },
      }
      await (await opened()).bus.publish([event])
      const worker = await work()
      await worker.ended
      expect(await bare(ids)).toEqual([])
    })

    test.each(['fails', 'refuses', 'narrow'] as const)(
      'while the embedder %s everything is held, said once, and done when it is well (N3.6)',
      async (mode) => {
        const ids = await keep([`${mode} one`, `${mode} two`])
        embedder.mode = mode
        const said: string[] = []
        const held = Promise.withResolvers<void>()
        const logger = {
          ...silentLogger,
          warn: (fields: LogFields, message: string) => {
            said.push(`${message}: ${String(fields['err'])}`)
            held.resolve()
          },
        }
        const worker = await work('', logger)
        await held.promise
        const calls = embedder.calls.length
        await embedder.called(calls + 1)
        expect(worker.standing()).toMatchObject({ isWell: false, buried: 0, done: 0 })
        embedder.mode = 'well'
        await worker.ended
        expect(worker.standing()).toMatchObject({ isWell: true, buried: 0 })
        expect(await bare(ids)).toEqual([])
        expect(said).toHaveLength(1)
        expect(said[0]).toContain(mode === 'narrow' ? 'set memory.embeddings.dimensions to 8' : embedder.url.slice(7))
      },
    )

    test('an embedder that hangs holds events and nothing else, and a worker that ends does not wait for it', async () => {
      const ids = await keep(['slow'])
      embedder.mode = 'hangs'
      const worker = await work()
      await embedder.called(1)
      await worker.close()
      await worker.close()
      embedder.mode = 'well'
      const heir = await work()
      await heir.ended
      expect(await bare(ids)).toEqual([])
    })

    test('a text that is refused is put aside alone, also in the middle of others', async () => {
      const ids = await keep(['good one', 'bad POISON', 'good two', 'good three'])
      embedder.refusesTexts = /POISON/
      const worker = await work()
      await worker.ended
      expect(worker.standing()).toMatchObject({ done: 3, buried: 1, held: 0 })
      expect(await bare(ids)).toEqual([ids[1]])
      const letters = await (await opened()).bus.deadLetters(1)
      expect(letters[0]).toMatchObject({ consumer: 'embed', reason: expect.stringContaining('invalid input') })
      embedder.refusesTexts = undefined
      expect(await (await opened()).bus.redrive(letters[0]?.id ?? '')).toBe(true)
      await (
        await work()
      ).ended
      expect(await bare(ids)).toEqual([])
    })

    test('a text that ends the engine each time is put aside, and those around it are done', async () => {
      const ids = await keep(['good one', 'bad CRASH', 'good two'])
      embedder.diesOfTexts = /CRASH/
      const worker = await work()
      await worker.ended
      expect(worker.standing()).toMatchObject({ done: 2, buried: 1, isWell: true })
      expect(await bare(ids)).toEqual([ids[1]])
    })

    test('a text that is too long for the model is given with less of it', async () => {
      const ids = await keep([`question ${'x'.repeat(3_000)}`])
      embedder.lengthMax = 900
      const worker = await work()
      await worker.ended
      expect(worker.standing()).toMatchObject({ done: 1, buried: 0 })
      expect(await bare(ids)).toEqual([])
      expect(embedder.calls.at(-1)?.[0]?.length).toBeLessThanOrEqual(900)
    })

    test('an event that says nothing is put aside', async () => {
      await (
        await opened()
      ).bus.publish([{ id: `empty-${run}`, subject: 'pipeline.knowledge.chat.embedding', headers: {}, body: {} }])
      const worker = await work()
      await worker.ended
      expect(worker.standing()).toMatchObject({ buried: 1 })
    })
  })
}
