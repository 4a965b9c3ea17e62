import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'

import { flowMermaid } from '../../../src/cli/flow-mermaid.ts'
import { formatFlow } from '../../../src/cli/format-flow.ts'
import type { FlowStep } from '../../../src/core/flow.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { flowOf } from '../../../src/events/flow-of.ts'
import { writeFlowEvent } from '../../../src/events/flow-event.ts'
import { writePairEvent } from '../../../src/events/pair-event.ts'
import type { Store } from '../../../src/store/open-store.ts'
import { startWorker } from '../../../src/worker-runner.ts'
import { embedWorkerOf, persistWorkerOf, summariseWorkerOf } from '../../../workers/worker-set.ts'
import { type FakeEmbedder, fakeDimensions, startFakeEmbedder } from '../../support/fake-embedder.ts'
import { keepPath } from '../../support/kept-rounds.ts'
import { requestRecord } from '../../support/request-record.ts'
import { turnEvent } from '../../support/turn-events.ts'
import { workerConfig } from '../../support/worker-config.ts'
import { engines, openTestStore } from '../store/engines.ts'

/** With the smallest limit a span is full after two of these. */
const words = 'word '.repeat(36)

for (const { name, skip, emptyPlace } of engines) {
  describe.skipIf(skip !== undefined)(`what workers did, in the lineage of requests, on ${name}`, () => {
    let opening: Promise<Store> | undefined
    const opened = (): Promise<Store> => (opening ??= emptyPlace().then((place) => openTestStore(place)))
    let model: FakeEmbedder
    let run = 0

    beforeEach(async () => {
      model = await startFakeEmbedder()
      run += 1
    })

    afterEach(() => model[Symbol.asyncDispose]())

    afterAll(async () => {
      await (await opening)?.close()
    })

    async function work(define: typeof embedWorkerOf): Promise<void> {
      const { bus } = await opened()
      const at = `model: m, url: '${model.url}'`
      const config = workerConfig(
        `memory: {keep: on, embeddings: {${at}, dimensions: ${fakeDimensions}}, summaries: {${at}, above: 500}}`,
      )
      const ownGateway = () => Promise.reject(new Error('not asked')) as never
      const definition = define({ config, store: { opened }, bus: () => Promise.resolve(bus), ownGateway })
      if (definition === undefined) throw new Error('no worker')
      const options = { batch: 50, concurrency: 1, once: true, logger: silentLogger }
      const worker = startWorker({ ...options, definition, bus: () => bus })
      await worker.ended
      await worker.close()
      expect(worker.standing()).toMatchObject({ buried: 0, held: 0 })
    }

    async function tell(requestId: string, again: string): Promise<void> {
      const notice = { requestId, correlationId: 'c', principal: 'ada' }
      await (
        await opened()
      ).bus.publish(
        (['embedding', 'summarise'] as const).map((task) => writePairEvent(task, notice, `${run}-${again}`)),
      )
    }

    async function flowTo(requestId: string) {
      const [flow] = await (await opened()).flows.find({ id: requestId, most: 2 })
      if (flow === undefined) throw new Error(`expected the flow of ${requestId}`)
      return flow
    }

    const laterSteps = (steps: readonly FlowStep[]) =>
      steps.filter(({ type }) => type === 'embed' || type === 'summarise' || type === 'persist')

    test('a round is embedded by which model with how many others, and its path summed up from where to where', async () => {
      const store = await opened()
      const rounds = Array.from({ length: 8 }, (_, n) => ({
        requestId: `${run}-${n}`,
        userText: `${n} ${words}`,
        replyText: words,
      }))
      const last = (await keepPath(store, rounds)).at(-1)?.requestId ?? ''
      await store.flows.add([flowOf(requestRecord({ requestId: last, startedAtMs: Date.now() }))], { keepMs: 60_000 })
      await tell(last, 'first')
      await work(embedWorkerOf)
      await work(summariseWorkerOf)

      const flow = await flowTo(last)
      const dimensions = fakeDimensions
      const summary = (level: number, from: number, to: number) => ({
        type: 'summarise',
        ref: 'm',
        facts: { level, from_round: from, to_round: to, tokens: expect.any(Number) },
      })
      expect(laterSteps(flow.steps)).toMatchObject([
        { type: 'embed', ref: 'm', facts: { dimensions, texts: 8 } },
        summary(1, 1, 2),
        summary(1, 3, 4),
        summary(1, 5, 6),
      ])
      expect(laterSteps(flow.steps).every(({ durationUs = 0 }) => durationUs > 0)).toBe(true)
      expect(formatFlow(flow)).toMatch(/ embed {2}m {2}\+\d+\.\d s {2}16 dimensions, 8 texts /)
      expect(formatFlow(flow)).toMatch(
        / summarise {2}m {2}\+\d+\.\d s {2}from round 3, to round 4, level 1, \d+ tokens /,
      )
      expect(flowMermaid(flow)).toMatch(/s\d+\["embed \+\d+\.\d s<br\/>m<br\/>/)
    })

    test('an event that comes again adds nothing and changes nothing', async () => {
      const store = await opened()
      const requestId = `${run}-only`
      await store.bus.publish([
        turnEvent(requestId, { toolCalls: [] }),
        writeFlowEvent(flowOf(requestRecord({ requestId, startedAtMs: Date.now() })), { instanceId: 'i' }),
      ])
      await work(persistWorkerOf)
      await work(embedWorkerOf)
      const once = laterSteps((await flowTo(requestId)).steps)
      expect(once.map(({ type }) => type)).toEqual(['persist', 'embed'])
      await store.bus.publish([{ ...turnEvent(requestId, { toolCalls: [] }), id: `${requestId}/again` }])
      await tell(requestId, 'again')
      await work(persistWorkerOf)
      await work(embedWorkerOf)
      expect(laterSteps((await flowTo(requestId)).steps)).toEqual(once)
    })

    test('a text that was cut for its model says to what length', async () => {
      const store = await opened()
      const requestId = `${run}-long`
      await keepPath(store, [{ requestId, userText: 'x'.repeat(3_000), replyText: 'Long.' }])
      await store.flows.add([flowOf(requestRecord({ requestId, startedAtMs: Date.now() }))], { keepMs: 60_000 })
      model.lengthMax = 900
      await work(embedWorkerOf)
      const [step] = laterSteps((await flowTo(requestId)).steps)
      expect(step?.facts?.['cut_to_characters']).toBeLessThanOrEqual(900)
    })
  })
}
