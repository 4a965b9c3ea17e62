import { hash } from 'node:crypto'
import { existsSync } from 'node:fs'

import { afterAll, expect, onTestFinished, test } from 'vitest'

import type { BusEvent } from '../../../src/core/bus.ts'
import { openJetStreamBus } from '../../../src/events/jetstream/open-jetstream-bus.ts'
import { lockFolder } from '../../../src/store/pglite/folder-lock.ts'
import { storeFolder } from '../../../src/store/store-folder.ts'
import { realNats } from '../../services/nats.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { runLlmr } from '../../support/run-llmr.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { say } from '../memory/say.ts'
import { openTestStore } from '../store/places.ts'
import { embedded, leaveWord } from './places.ts'

const keep = closeAfterEach()
const nats = await realNats()

afterAll(async () => {
  if (!('skip' in nats)) await nats.close()
})

const timeout = 60_000

test('a held store is said to be so, with the process that holds it and what to do', { timeout }, async () => {
  const { dataDirectory } = await embedded()
  const lock = lockFolder(storeFolder(dataDirectory), Date.now())
  onTestFinished(() => lock.release())
  const held = await runLlmr(['memory', 'search', 'boiler', '--data', dataDirectory])
  expect(held).toMatchObject({ code: 1, stdout: '' })
  expect(held.stderr).toContain(`in use by process ${process.pid} since `)
  expect(held.stderr).toMatch(/→ .*try again/)
  leaveWord(dataDirectory)
  const hanging = await runLlmr(['events', 'stats', '--data', dataDirectory, '--json'])
  expect(hanging.code).toBe(1)
  expect(JSON.parse(hanging.stdout)).toMatchObject({
    error: {
      code: 'store_locked',
      message: expect.stringMatching(/process 4194304 at http:\/\/127\.0\.0\.1:9, does not answer/),
      next_steps: [expect.anything(), expect.stringContaining('kill 4194304')],
    },
  })
})

test('a gateway that has the port of one that was killed is not taken for it', { timeout }, async () => {
  const { dataDirectory, location } = await embedded()
  const store = await openTestStore(location)
  const { conversation } = await say(store, { user: 'The boiler hums.', reply: 'Bleed it.' })
  await store.close()
  const stranger = keep(await startTestGateway('auth: {required: true}'))
  leaveWord(dataDirectory, stranger.url)
  const shown = await runLlmr(['memory', 'show', conversation, '--data', dataDirectory])
  expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('The boiler hums.') })
})

test('a gateway that is named is asked, or nothing is', { timeout }, async () => {
  const { dataDirectory } = await embedded()
  const nobody = ['--url', 'http://127.0.0.1:9', '--data', dataDirectory]
  for (const command of [
    ['memory', 'show', 'x'],
    ['events', 'tail', '--once'],
  ]) {
    const run = await runLlmr([...command, ...nobody])
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining('No gateway answers at http://127.0.0.1:9') })
  }
})

test('where nothing was ever kept that is said, and no store is made', async () => {
  const folder = temporaryFolder()
  const run = await runLlmr(['events', 'stats', '--data', folder])
  expect(run).toMatchObject({ code: 1, stderr: expect.stringMatching(/Nothing was ever kept in .*store[\s\S]*--data/) })
  expect(existsSync(storeFolder(folder))).toBe(false)
})

test(
  'a key is shown and forgets what is of its tenant, and without one nobody is shown anything',
  { timeout },
  async () => {
    const { location } = await embedded()
    const store = await openTestStore(location)
    const mine = await say(store, { user: 'The boiler hums.', reply: 'Bleed it.' })
    const theirs = await say(store, {
      scope: { tenant: 'globex', principal: 'bob' },
      user: 'A boiler of another house.',
      reply: 'Good.',
    })
    const key = `{name: carol, tenant: globex, sha256: ${hash('sha256', 'key-of-carol')}, scopes: [admin]}`
    const gateway = keep(
      await startTestGateway(`auth: {keys: [${key}]}`, {
        dataDirectory: temporaryFolder(),
        openStore: () => Promise.resolve(store),
      }),
    )
    const env = { LLMR_URL: gateway.url, LLMR_KEY: 'key-of-carol' }
    const carol = (...args: readonly string[]) => runLlmr(args, { env })
    expect(await carol('memory', 'show', theirs.conversation)).toMatchObject({ code: 0 })
    expect(await carol('memory', 'show', mine.conversation, '--tenant', 'default')).toMatchObject({
      code: 1,
      stdout: '',
    })
    const found = await carol('memory', 'search', 'boiler', '--json')
    expect(JSON.parse(found.stdout)).toMatchObject({ found: [{ conversation: theirs.conversation, tenant: 'globex' }] })
    expect(await carol('memory', 'forget', mine.conversation, '--yes')).toMatchObject({ code: 1 })
    expect(await store.records.show(mine.conversation)).toHaveLength(1)
    const wrong = await runLlmr(['memory', 'search', 'boiler'], { env: { ...env, LLMR_KEY: 'another' } })
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('LLMR_KEY') })
  },
)

test('what people said is shown to nobody without a key, also where nothing else needs one', async () => {
  const gateway = keep(await startTestGateway(''))
  for (const path of ['memory/show?id=x', 'memory/search?q=x', 'events/tail?content=true', 'export?table=turns']) {
    expect([path, (await fetch(`${gateway.url}/llmr/v1/${path}`)).status]).toEqual([path, 403])
  }
  const forget = await fetch(`${gateway.url}/llmr/v1/memory/forget`, { method: 'POST', body: '{"principal":"ada"}' })
  expect(forget.status).toBe(403)
})

test.skipIf('skip' in nats)(
  'events on NATS are shown without a gateway, and leave no consumer behind',
  { timeout },
  async () => {
    if ('skip' in nats) return
    const bus = keep(await openJetStreamBus({ url: nats.url, clientName: 'test' }))
    const name = `operator-${process.pid}-${Date.now()}`
    const event: BusEvent = {
      id: name,
      subject: `pipeline.knowledge.test.${name}`,
      headers: {},
      body: { said: 'words' },
    }
    await bus.publish([event])
    const env = { NATS_URL: nats.url, LLMR_DATA: temporaryFolder() }
    const tailed = await runLlmr(['events', 'tail', '--once', '--subject', event.subject], { env })
    expect(JSON.parse(tailed.stdout)).toMatchObject({ id: name, subject: event.subject })
    expect(tailed.stdout).not.toContain('words')
    const stats = await runLlmr(['events', 'stats', '--json'], { env })
    expect(stats.code).toBe(0)
    expect(stats.stdout).not.toContain('tail-')
  },
)
