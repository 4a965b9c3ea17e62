import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, describe, expect, test } from 'vitest'

import { writePairEvent } from '../../src/events/pair-event.ts'
import { openTestStore, postgresqlAt } from '../integration/store/places.ts'
import { realPostgres } from '../services/postgres.ts'
import { fakeDimensions, startFakeEmbedder } from '../support/fake-embedder.ts'
import { keepPath } from '../support/kept-rounds.ts'
import { runLlmr } from '../support/run-llmr.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const postgres = await realPostgres()
const skip = 'skip' in postgres ? postgres.skip : undefined

afterAll(async () => {
  if (!('skip' in postgres)) await postgres.close()
})

function configFile(yaml: string): string {
  const file = join(temporaryFolder(), 'llmr.yaml')
  writeFileSync(file, `${yaml}\ntelemetry: {log: {file: /dev/null}}\n`)
  return file
}

test.each(['embed', 'summarise'])('a worker %s without a model says what is missing and ends with 2', async (name) => {
  const env = { DATABASE_URL: 'postgres://llmr@127.0.0.1:9/llmr', LLMR_CONFIG: configFile('memory: on') }
  const { code, stderr } = await runLlmr(['worker', name, '--once'], { env })
  expect(code).toBe(2)
  expect(stderr).toContain(`memory.${name === 'embed' ? 'embeddings' : 'summaries'}`)
})

test('a worker with the embedded database says who does its work, and ends with 2', async () => {
  const env = { LLMR_CONFIG: configFile('memory: {keep: on, embeddings: {model: m, url: http://127.0.0.1:9}}') }
  const { code, stderr } = await runLlmr(['worker', 'embed', '--once'], { env })
  expect(code).toBe(2)
  expect(stderr).toContain('the gateway that has it does this work itself')
})

describe.skipIf(skip !== undefined)('workers as processes of their own', () => {
  test('embed and summarise do what is left, say so, and end', async () => {
    if ('skip' in postgres) throw new Error(skip)
    await using model = await startFakeEmbedder()
    const databaseUrl = await postgres.createDatabase()
    const store = await openTestStore(postgresqlAt(databaseUrl))
    const words = 'word '.repeat(60)
    const path = await keepPath(
      store,
      Array.from({ length: 8 }, (_, n) => ({ requestId: `r-${n}`, userText: `${n} ${words}`, replyText: words })),
    )
    const last = { requestId: 'r-7', correlationId: 'c', principal: 'ada' }
    await store.bus.publish([writePairEvent('summarise', last)])
    const env = {
      DATABASE_URL: databaseUrl,
      LLMR_CONFIG: configFile(
        `memory: {keep: on, embeddings: {model: m, url: '${model.url}', dimensions: ${fakeDimensions}}, ` +
          `summaries: {model: m, url: '${model.url}', above: 500}}`,
      ),
    }
    const embed = await runLlmr(['worker', 'embed', '--once', '--json'], { env })
    expect(JSON.parse(embed.stdout)).toMatchObject({ worker: 'embed', done: 8, buried: 0 })
    const summarise = await runLlmr(['worker', 'summarise', '--once', '--json'], { env })
    expect(JSON.parse(summarise.stdout)).toMatchObject({ worker: 'summarise', done: 1, buried: 0 })
    const ids = path.map(({ requestId }) => requestId)
    expect(await store.embeddings.missing(ids, { model: 'm', dimensions: fakeDimensions })).toEqual([])
    expect((await store.summaries.kept(path.map(({ reply }) => reply))).length).toBeGreaterThan(0)
    await store.close()
  })
})
