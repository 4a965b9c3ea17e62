import { afterEach, expect, test } from 'vitest'

import { askEmbeddings } from '../../../src/backends/ask-embeddings.ts'
import { type Connection, openConnection } from '../../../src/backends/connection.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { type EngineRequest, startFakeEngine } from '../../support/fake-engine.ts'

const limits = { connectTimeoutMs: 5_000, firstByteTimeoutMs: 5_000, idleTimeoutMs: 5_000 }
const deadline = { timeoutMs: 10_000 }
const closing: (() => PromiseLike<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

function connect(url: string): Connection {
  const settings = { name: 'e', url, kind: 'openai', trust: 'local', headers: {}, weight: 1, isPaid: false } as const
  const connection = openConnection(settings, limits)
  closing.push(() => connection.destroy())
  return connection
}

async function answering(json: unknown): Promise<Connection> {
  const engine = await startFakeEngine(({ response }: EngineRequest) => response.end(JSON.stringify(json)))
  closing.push(() => engine[Symbol.asyncDispose]())
  return connect(engine.url)
}

test('an engine gives one vector for each text, near for texts that share words', async () => {
  const engine = await startSimulatedEngine({ embeddings: true })
  closing.push(() => engine.close())
  const input = ['a boat on the river', 'the river boat', 'seven green apples']
  const [boat = [], alike = [], other = []] = await askEmbeddings(connect(engine.url), { model: 'm', input }, deadline)
  const cosine = (one: readonly number[], two: readonly number[]) =>
    one.reduce((sum, x, n) => sum + x * (two[n] ?? 0), 0)
  expect(cosine(boat, alike)).toBeGreaterThan(cosine(boat, other) + 0.3)
})

test('vectors are put in the order of the texts, whatever order they come in', async () => {
  const connection = await answering({
    data: [
      { index: 1, embedding: [2] },
      { index: 0, embedding: [1] },
    ],
  })
  expect(await askEmbeddings(connection, { model: 'm', input: ['a', 'b'] }, deadline)).toEqual([[1], [2]])
})

test.each([
  { what: 'fewer vectors than texts', data: [{ index: 0, embedding: [1] }], got: 'got 1 items' },
  { what: 'a vector with a hole', data: [{ embedding: [1] }, { embedding: [null] }], got: 'no vector' },
  { what: 'an empty vector', data: [{ embedding: [1] }, { embedding: [] }], got: 'no vector' },
  { what: 'no list at all', data: undefined, got: 'got 0 items' },
])('$what is a malformed reply', async ({ data, got }) => {
  const connection = await answering({ data })
  const asked = askEmbeddings(connection, { model: 'm', input: ['a', 'b'] }, deadline)
  await expect(asked).rejects.toMatchObject({ causeClass: 'malformed', message: expect.stringContaining(got) })
})

test('one that hangs ends with the deadline', async () => {
  const engine = await startFakeEngine(() => undefined)
  closing.push(() => engine[Symbol.asyncDispose]())
  const asked = askEmbeddings(connect(engine.url), { model: 'm', input: ['a'] }, { timeoutMs: 50 })
  await expect(asked).rejects.toMatchObject({ causeClass: 'slow_first_byte' })
})
