import { expect, test } from 'vitest'

import type { Embedder, Vector } from '../../../src/core/embedder.ts'
import type { LogFields, Logger } from '../../../src/core/logger.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { QuestionEmbedder } from '../../../src/memory/embeddings/question-embedder.ts'

class FakeEmbedder implements Embedder {
  readonly model = 'm'
  readonly dimensions = 1
  calls = 0
  answer: () => Promise<readonly Vector[]> = () => Promise.resolve([[1]])

  embed(): Promise<readonly Vector[]> {
    this.calls += 1
    return this.answer()
  }
}

function start() {
  const embedder = new FakeEmbedder()
  const said: string[] = []
  const say = (_fields: LogFields, message: string): void => void said.push(message)
  const logger: Logger = { ...silentLogger, warn: say, info: say }
  const time = { ms: 0 }
  const clock = { now: () => time.ms, monotonic: () => time.ms }
  const questions = new QuestionEmbedder({ embedder, clock, logger, input: { prefix: '', charactersMax: 100 } })
  return { embedder, questions, time, said }
}

const patientMs = 60_000

test('a question is asked for once, however often it comes', async () => {
  const { embedder, questions } = start()
  expect(await Promise.all([questions.embed('why', patientMs), questions.embed('why', patientMs)])).toEqual([[1], [1]])
  expect(await questions.embed(' why ', patientMs)).toEqual([1])
  expect(embedder.calls).toBe(1)
})

test('an embedder that hangs costs a request its time and no more, and what it says later is kept (N3.6)', async () => {
  const { embedder, questions } = start()
  const { promise, resolve } = Promise.withResolvers<readonly Vector[]>()
  embedder.answer = () => promise
  expect(await questions.embed('why', 1)).toBeUndefined()
  resolve([[1]])
  expect(await questions.embed('why', patientMs)).toEqual([1])
  expect(embedder.calls).toBe(1)
})

test('without time left nothing is asked', async () => {
  const { embedder, questions } = start()
  expect(await questions.embed('why', 0)).toBeUndefined()
  expect(embedder.calls).toBe(0)
})

test('one that hangs is not asked more than so many questions at once', async () => {
  const { embedder, questions } = start()
  embedder.answer = () => new Promise(() => undefined)
  const asked = Array.from({ length: 100 }, (_, n) => questions.embed(`question ${n}`, 1))
  expect(await Promise.all(asked)).toEqual(asked.map(() => undefined))
  expect(embedder.calls).toBe(16)
})

test('one that fails is left alone for longer each time, and the log says once that it is gone and once that it is back', async () => {
  const { embedder, questions, time, said } = start()
  embedder.answer = () => Promise.reject(new Error('refused'))
  for (const { atMs, calls } of [
    { atMs: 0, calls: 1 },
    { atMs: 999, calls: 1 },
    { atMs: 1_000, calls: 2 },
    { atMs: 2_999, calls: 2 },
    { atMs: 3_000, calls: 3 },
  ]) {
    time.ms = atMs
    expect(await questions.embed(`at ${atMs}`, patientMs)).toBeUndefined()
    expect(embedder.calls).toBe(calls)
  }
  expect(said).toEqual(['the embedder does not answer; conversations are searched by their words'])
  embedder.answer = () => Promise.resolve([[1]])
  time.ms = 1e9
  expect(await questions.embed('again', patientMs)).toEqual([1])
  expect(said.at(-1)).toBe('the embedder answers again')
})
