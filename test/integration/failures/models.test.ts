import { hash } from 'node:crypto'

import { expect } from 'vitest'

import type { ResidencyPlan } from '../../../src/gateway/fleet/residency-plan.ts'
import { errorOf, eventsOf, postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { residencyOf, simulatedModel } from '../../support/simulated-profile.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTextStream } from '../../support/text-stream.ts'
import { failureRow } from './failure-row.ts'

const keep = closeAfterEach()

async function start(residency: ResidencyPlan): Promise<TestGateway> {
  return keep(await startTestGateway('', { residency, dataDirectory: temporaryFolder() }))
}

/** It takes a quarter of an hour to load, so whoever asks for it waits. */
const sluggish = simulatedModel('sluggish', { args: ['--time-scale', '1', '--load-time', '15m'] })

failureRow('model cannot be loaded', async () => {
  const broken = simulatedModel('broken', { args: ['--fault', 'crash-at-load'] })
  const gateway = await start(residencyOf([broken], 1))
  const errors = await Promise.all([1, 2].map(async () => errorOf(await postChat(gateway.url, { model: 'broken' }))))
  for (const error of errors) expect(error).toMatchObject({ status: 503, code: 'load_failed' })
})

failureRow('queue of a model is full', async () => {
  const plan = residencyOf([sluggish], 1)
  const gateway = await start({ ...plan, scheduler: { ...plan.scheduler, queuedPerModelMax: 1 } })
  const client = new AbortController()
  const waiting = postChat(gateway.url, { model: 'sluggish' }, { signal: client.signal })
  await gateway.logged(({ msg }) => msg === 'a model is loaded')
  const error = await errorOf(await postChat(gateway.url, { model: 'sluggish' }))
  expect(error).toMatchObject({ status: 429, code: 'queue_full' })
  expect(error.headers.has('retry-after')).toBe(true)
  client.abort()
  await expect(waiting).rejects.toThrow()
})

failureRow('turn does not come in time', async () => {
  const gateway = await start({ ...residencyOf([sluggish], 1), queueTimeoutMs: 100 })
  const error = await errorOf(await postChat(gateway.url, { model: 'sluggish' }))
  expect(error).toMatchObject({ status: 503, code: 'queue_timeout' })
})

failureRow('model is larger than the memory', async () => {
  const gateway = await start(residencyOf([simulatedModel('huge')], 0))
  const error = await errorOf(await postChat(gateway.url, { model: 'huge' }))
  expect(error).toMatchObject({ status: 503, code: 'does_not_fit' })
})

failureRow('engine is killed under a request', async () => {
  const gateway = await start(residencyOf([simulatedModel('a')], 1))
  await (await postChat(gateway.url, { model: 'a' })).arrayBuffer()
  const [instance] = gateway.residency()?.status() ?? []
  process.kill(instance?.pid ?? 0, 'SIGKILL')
  const response = await postChat(gateway.url, { model: 'a' })
  await response.arrayBuffer()
  expect(response.status).toBe(200)
})

failureRow('shutdown while a request waits for its model', async () => {
  const busy = simulatedModel('busy', { args: ['--time-scale', '1', '--decode-rate', '40'] })
  const gateway = await start(residencyOf([busy, simulatedModel('next')], 1))
  const stream = await postChat(gateway.url, { model: 'busy', stream: true, max_tokens: 40 })
  const waiting = postChat(gateway.url, { model: 'next' })
  await expect.poll(() => gateway.residency()?.snapshot().queue.length).toBe(1)
  const closing = gateway.close()
  const error = await errorOf(await waiting)
  expect(error).toMatchObject({ status: 503, code: 'shutting_down' })
  expect(error.headers.has('retry-after')).toBe(true)
  // What runs ends in peace, and nothing is loaded on the way out.
  expect((await eventsOf(stream)).at(-1)).toBe('[DONE]')
  await closing
  expect(gateway.log.filter(({ msg }) => msg === 'a model is loaded').map(({ model }) => model)).toEqual(['busy'])
})

failureRow('model to switch to cannot be loaded', async () => {
  const gateway = await start(residencyOf([simulatedModel('broken', { args: ['--fault', 'crash-at-load'] })], 1))
  const ask = (stream: boolean): Promise<Response> =>
    fetch(`${gateway.url}/models/switch`, { method: 'POST', body: JSON.stringify({ model: 'broken', stream }) })
  const [quiet, aloud] = await Promise.all([ask(false), ask(true)])
  expect(await errorOf(quiet)).toMatchObject({ status: 503, code: 'load_failed' })
  expect(await aloud.text()).toMatch(/^data: .*"code":"load_failed"/m)
})

failureRow('GET that unloads has no key', async () => {
  const gateway = await start(residencyOf([simulatedModel('a')], 1))
  expect(await errorOf(await fetch(`${gateway.url}/unload`))).toMatchObject({ status: 401, code: 'unauthenticated' })
})

failureRow('too many follow a stream', async () => {
  const gateway = await start(residencyOf([simulatedModel('a')], 1))
  for (let index = 0; index < 32; index++) keep(await openTextStream(`${gateway.url}/logs/stream`))
  const error = await errorOf(await fetch(`${gateway.url}/logs/stream`))
  expect(error).toMatchObject({ status: 429, code: 'queue_full' })
  expect(error.headers.has('retry-after')).toBe(true)
})

failureRow('engine that is not in memory is only looked at', async () => {
  const gateway = await start(residencyOf([simulatedModel('a')], 1))
  const error = await errorOf(await fetch(`${gateway.url}/upstream/a/metrics`))
  expect(error).toMatchObject({ status: 409, code: 'invalid_request' })
  expect(error.message).toContain('llmr models load a')
})

failureRow('key that may only chat asks a model to go', async () => {
  const auth = `auth: { keys: [{ name: k, sha256: ${hash('sha256', 'secret')}, scopes: [chat] }] }`
  const plan = residencyOf([simulatedModel('a')], 1)
  const gateway = keep(await startTestGateway(auth, { residency: plan, dataDirectory: temporaryFolder() }))
  const response = await fetch(`${gateway.url}/api/generate`, {
    method: 'POST',
    headers: { authorization: 'Bearer secret' },
    body: JSON.stringify({ model: 'a', prompt: '', keep_alive: 0 }),
  })
  expect(response.status).toBe(403)
  expect(await response.json()).toEqual({ error: expect.stringContaining('scope admin') })
})

failureRow('engine is asked for tokens while its model is out', async () => {
  const gateway = await start(residencyOf([simulatedModel('a')], 1))
  const response = await fetch(`${gateway.url}/tokenize`, { method: 'POST', body: '{"model":"a","content":"hi"}' })
  expect(await errorOf(response)).toMatchObject({ status: 409, code: 'invalid_request' })
  expect(gateway.residency()?.isLoaded('a')).toBe(false)
})

failureRow('client asks to create, copy or delete a model, or to pull one that is not there', async () => {
  const gateway = await start(residencyOf([simulatedModel('a')], 1))
  for (const [method, path] of [
    ['POST', '/api/pull'],
    ['POST', '/api/create'],
    ['POST', '/api/copy'],
    ['DELETE', '/api/delete'],
  ]) {
    const response = await fetch(`${gateway.url}${path}`, { method, body: '{"model":"new"}' })
    expect([path, response.status]).toEqual([path, 501])
    expect(await response.json()).toEqual({ error: expect.stringContaining('llmr.yaml') })
  }
})
