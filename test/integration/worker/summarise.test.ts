import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'

import { silentLogger } from '../../../src/core/logger.ts'
import { writePairEvent } from '../../../src/events/pair-event.ts'
import { coverPath } from '../../../src/memory/summaries/cover-path.ts'
import type { Store } from '../../../src/store/open-store.ts'
import { type RunningWorker, startWorker } from '../../../src/worker-runner.ts'
import { summariseWorkerOf } from '../../../workers/worker-set.ts'
import { type FakeEmbedder, startFakeEmbedder } from '../../support/fake-embedder.ts'
import { keepPath, type KeptRound, type RoundToKeep } from '../../support/kept-rounds.ts'
import { workerConfig } from '../../support/worker-config.ts'
import { engines, openTestStore } from '../store/engines.ts'

/** With the smallest limit a span is full after two of these. */
const words = 'word '.repeat(36)

for (const { name, skip, emptyPlace } of engines) {
  describe.skipIf(skip !== undefined)(`summarise on ${name}`, () => {
    let opening: Promise<Store> | undefined
    const opened = (): Promise<Store> => (opening ??= emptyPlace().then((place) => openTestStore(place)))
    let model: FakeEmbedder
    const workers: RunningWorker[] = []
    let run = 0

    beforeEach(async () => {
      model = await startFakeEmbedder()
      run += 1
    })

    afterEach(async () => {
      for (const worker of workers.splice(0)) await worker.close()
      await model[Symbol.asyncDispose]()
    })

    afterAll(async () => {
      await (await opening)?.close()
    })

    const rounds = (count: number, branch = 'a'): Omit<RoundToKeep, 'under'>[] =>
      Array.from({ length: count }, (_, n) => ({
        requestId: `${run}-${branch}-${n}`,
        userText: `${branch}${n} ${words}`,
        replyText: words,
      }))

    async function told(rounds: readonly KeptRound[], again?: string): Promise<void> {
      const { bus } = await opened()
      const notice = { correlationId: 'c', principal: 'ada' }
      await bus.publish(rounds.map(({ requestId }) => writePairEvent('summarise', { ...notice, requestId }, again)))
    }

    async function work() {
      const { bus } = await opened()
      const config = workerConfig(`memory: {keep: on, summaries: {model: m, url: '${model.url}', above: 500}}`)
      const ownGateway = () => Promise.reject(new Error('not asked')) as never
      const definition = summariseWorkerOf({ config, store: { opened }, bus: () => Promise.resolve(bus), ownGateway })
      if (definition === undefined) throw new Error('no worker')
      const worker = startWorker({
        definition,
        bus: () => bus,
        batch: 16,
        concurrency: 1,
        once: true,
        logger: silentLogger,
      })
      workers.push(worker)
      return worker
    }

    const summariesOf = async (path: readonly KeptRound[]) =>
      (await opened()).summaries.kept(path.map(({ reply }) => reply))

    test('a long conversation is told by few summaries, what was said stays, and nothing is written twice', async () => {
      const path = await keepPath(await opened(), rounds(14))
      await told(path)
      const first = await work()
      await first.ended
      const kept = await summariesOf(path)
      expect(coverPath(kept).map(({ level, fromDepth, uptoDepth }) => [level, fromDepth, uptoDepth])).toEqual([
        [2, 1, 8],
        [1, 9, 10],
        [1, 11, 12],
      ])
      expect(kept.every(({ text, tokens }) => /^Summary of \d+ characters\.$/.test(text) && tokens > 0)).toBe(true)
      expect(first.standing().counters).toEqual([{ metric: 'llmr_summaries_written_total', labels: {}, value: 7 }])
      expect(await (await opened()).summaries.path(path.at(-1)?.requestId ?? '')).toHaveLength(14)
      await told(path, 'again')
      await (
        await work()
      ).ended
      expect(model.calls).toHaveLength(7)
    })

    test('a branch has the summaries of what it has in common with another, and gets only its own', async () => {
      const store = await opened()
      const trunk = await keepPath(store, rounds(8))
      await told(trunk.slice(-1))
      await (
        await work()
      ).ended
      const calls = model.calls.length
      const branch = await keepPath(store, rounds(6, 'b'), trunk[5])
      await told(branch.slice(-1))
      await (
        await work()
      ).ended
      const asked = model.calls.slice(calls).flat()
      expect(asked.length).toBeGreaterThan(0)
      expect(asked.filter((text) => /\ba[0-5] /.test(text))).toEqual([])
      expect(coverPath(await summariesOf([...trunk.slice(0, 6), ...branch])).at(-1)?.uptoDepth).toBe(10)
    })

    test('a short conversation is left alone', async () => {
      const path = await keepPath(await opened(), rounds(2))
      await told(path)
      await (
        await work()
      ).ended
      expect(model.calls).toEqual([])
    })

    test('while the model fails everything is held, and nothing that was written is lost', async () => {
      const path = await keepPath(await opened(), rounds(8))
      await told(path.slice(-1))
      model.mode = 'fails'
      const worker = await work()
      await model.called(2)
      model.mode = 'well'
      await worker.ended
      expect(worker.standing()).toMatchObject({ done: 1, buried: 0, isWell: true })
      expect(coverPath(await summariesOf(path)).at(-1)?.uptoDepth).toBe(6)
    })

    test('a conversation that the model refuses is put aside, and others are done', async () => {
      const store = await opened()
      const bad = await keepPath(
        store,
        rounds(8, 'bad').map((round) => ({ ...round, userText: `FORBIDDEN ${round.userText}` })),
      )
      const good = await keepPath(store, rounds(8, 'good'))
      await told([...bad.slice(-1), ...good.slice(-1)])
      model.refusesTexts = /FORBIDDEN/
      const worker = await work()
      await worker.ended
      expect(worker.standing()).toMatchObject({ done: 1, buried: 1 })
      expect(await summariesOf(bad)).toEqual([])
      expect(coverPath(await summariesOf(good)).at(-1)?.uptoDepth).toBe(6)
    })

    test('a worker that ends does not wait for a model that hangs', async () => {
      const path = await keepPath(await opened(), rounds(8))
      await told(path.slice(-1))
      model.mode = 'hangs'
      const worker = await work()
      await model.called(1)
      await worker.close()
      model.mode = 'well'
      await (
        await work()
      ).ended
      expect(coverPath(await summariesOf(path)).at(-1)?.uptoDepth).toBe(6)
    })
  })
}
