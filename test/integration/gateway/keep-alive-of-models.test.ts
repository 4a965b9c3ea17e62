import { hash } from 'node:crypto'

import { Ollama } from 'ollama'
import { expect, test } from 'vitest'

import { closeAfterEach } from '../../support/resources.ts'
import { residencyOf, simulatedModel } from '../../support/simulated-profile.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

async function start(yaml = ''): Promise<TestGateway> {
  const residency = residencyOf([simulatedModel('a'), simulatedModel('b')], 2)
  return keep(await startTestGateway(yaml, { residency, dataDirectory: temporaryFolder() }))
}

function clientOf({ url }: TestGateway, key?: string): Ollama {
  return new Ollama({ host: url, ...(key !== undefined && { headers: { authorization: `Bearer ${key}` } }) })
}

function isLoaded(gateway: TestGateway, model: string): boolean {
  return gateway.residency()?.isLoaded(model) ?? false
}

/** Resolves when the model has gone. */
async function gone(gateway: TestGateway, model: string): Promise<void> {
  await gateway.logged(({ msg, model: name }) => msg === 'a model is unloaded' && name === model)
}

const hello = [{ role: 'user', content: 'hi' }]

test('a request with nothing to say brings a model into memory, and one with keep_alive 0 puts it out', async () => {
  const gateway = await start()
  const client = clientOf(gateway)
  expect(await client.generate({ model: 'a', prompt: '' })).toMatchObject({
    response: '',
    done: true,
    done_reason: 'load',
  })
  expect(isLoaded(gateway, 'a')).toBe(true)
  expect(await client.chat({ model: 'b', messages: [], keep_alive: '10m' })).toMatchObject({
    message: { content: '' },
    done_reason: 'load',
  })
  expect((await client.ps()).models.map(({ name }) => name)).toEqual(['a', 'b'])
  const unloaded = await client.generate({ model: 'a', prompt: '', keep_alive: 0 })
  expect(unloaded).toMatchObject({ done: true, done_reason: 'unload' })
  await gone(gateway, 'a')
  expect(isLoaded(gateway, 'b')).toBe(true)
})

test('unloading what is not in memory loads nothing', async () => {
  const gateway = await start()
  expect(await clientOf(gateway).generate({ model: 'a', prompt: '', keep_alive: 0 })).toMatchObject({
    done_reason: 'unload',
  })
  expect(gateway.log.some(({ msg }) => msg === 'a model is loaded')).toBe(false)
})

test('a request that says nothing at all loads nothing', async () => {
  const gateway = await start()
  for (const path of ['/api/chat', '/api/generate']) {
    const response = await fetch(`${gateway.url}${path}`, { method: 'POST', body: '{}' })
    expect([path, response.status]).toEqual([path, 400])
    expect(await response.json()).toEqual({ error: expect.stringContaining('"model"') })
  }
  expect(gateway.log.some(({ msg }) => msg === 'a model is loaded')).toBe(false)
})

test('a stream that asks nothing gets one line', async () => {
  const gateway = await start()
  const response = await fetch(`${gateway.url}/api/generate`, { method: 'POST', body: '{"model":"a"}' })
  expect(response.headers.get('content-type')).toBe('application/x-ndjson')
  const text = await response.text()
  expect(text.endsWith('\n')).toBe(true)
  expect(JSON.parse(text)).toMatchObject({ model: 'a', done: true, done_reason: 'load' })
})

test('after a chat with keep_alive 0 the model goes when its reply has ended', async () => {
  const gateway = await start()
  const reply = await clientOf(gateway).chat({ model: 'a', messages: hello, keep_alive: 0 })
  expect(reply.message.content).not.toBe('')
  await gone(gateway, 'a')
})

test('a model goes after the time that keep_alive gives it', async () => {
  const gateway = await start()
  await clientOf(gateway).chat({ model: 'a', messages: hello, keep_alive: '50ms' })
  await gone(gateway, 'a')
})

test('keep_alive holds no model against others that need its memory', async () => {
  const residency = residencyOf([simulatedModel('a'), simulatedModel('b')], 1)
  const gateway = keep(await startTestGateway('', { residency, dataDirectory: temporaryFolder() }))
  const client = clientOf(gateway)
  await client.chat({ model: 'a', messages: hello, keep_alive: -1 })
  expect((await client.chat({ model: 'b', messages: hello })).done).toBe(true)
  expect(isLoaded(gateway, 'a')).toBe(false)
})

test('a key that may only chat loads models, and does not say how long they stay', async () => {
  const gateway = await start(`
    auth: { keys: [{ name: k, sha256: ${hash('sha256', 'secret')}, scopes: [chat] }] }
  `)
  const client = clientOf(gateway, 'secret')
  expect(await client.generate({ model: 'a', prompt: '' })).toMatchObject({ done_reason: 'load' })
  await client.chat({ model: 'a', messages: hello, keep_alive: 0 })
  await expect(client.generate({ model: 'a', prompt: '', keep_alive: 0 })).rejects.toMatchObject({ status_code: 403 })
  expect(isLoaded(gateway, 'a')).toBe(true)
})

test('of an engine that llmr did not start nothing is put out, and that is said', async () => {
  const engine = keep(await startSimulatedEngine())
  const gateway = keep(await startTestGateway(`backends: { sim: { url: "${engine.url}", kind: llama.cpp } }`))
  const client = clientOf(gateway)
  expect(await client.generate({ model: 'simulated', prompt: '' })).toMatchObject({ done_reason: 'load' })
  await expect(client.generate({ model: 'simulated', prompt: '', keep_alive: 0 })).rejects.toMatchObject({
    status_code: 501,
    error: expect.stringContaining('did not start'),
  })
})
