import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import type { ResidencyPlan } from '../../../src/gateway/fleet/residency-plan.ts'
import { errorOf, eventsOf, postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { residencyOf, simulatedModel } from '../../support/simulated-profile.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

async function start(models: ReturnType<typeof simulatedModel>[], roomFor = 1): Promise<TestGateway> {
  return startWith(residencyOf(models, roomFor))
}

async function startWith(residency: ResidencyPlan): Promise<TestGateway> {
  return keep(await startTestGateway('', { residency, dataDirectory: temporaryFolder() }))
}

async function servedBy(gateway: TestGateway, model: string): Promise<string> {
  const response = await postChat(gateway.url, { model, max_tokens: 4 })
  const text = await response.text()
  expect(response.status, text).toBe(200)
  return response.headers.get('x-llmr-backend') ?? ''
}

function loads({ log }: TestGateway): readonly unknown[] {
  return log.filter(({ msg }) => msg === 'a model is loaded').map(({ model }) => model)
}

function turn(model: string) {
  return { requestId: 'one', model, lane: 'interactive', principal: 'somebody', onCancel: () => undefined } as const
}

test('every model on disk is there for the asking, in the memory there is', async () => {
  const gateway = await start([simulatedModel('a'), simulatedModel('b')])
  expect(gateway.modelNames()).toEqual(['a', 'b'])
  expect(await servedBy(gateway, 'a')).toBe('a')
  expect(await servedBy(gateway, 'b')).toBe('b')
  expect(loads(gateway)).toEqual(['a', 'b'])
})

test('a gateway whose models are all on disk is ready: the first request loads one (N1.1)', async () => {
  const gateway = await start([simulatedModel('a')])
  expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200)
  expect(loads(gateway)).toEqual([])
})

test('requests for A B C A B C are served in three loads, not six (N2.2)', async () => {
  const gateway = await start(['a', 'b', 'c'].map((name) => simulatedModel(name)))
  const served = await Promise.all(['a', 'b', 'c', 'a', 'b', 'c'].map((model) => servedBy(gateway, model)))
  expect(served).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
  expect(loads(gateway)).toHaveLength(3)
})

test('a stream is never cut by a swap: what runs ends first (N2.9)', async () => {
  const slow = simulatedModel('slow', { args: ['--time-scale', '1', '--decode-rate', '40'] })
  const gateway = await start([slow, simulatedModel('other')])
  const stream = await postChat(gateway.url, { model: 'slow', stream: true, max_tokens: 40 })
  const other = servedBy(gateway, 'other')
  expect((await eventsOf(stream)).at(-1)).toBe('[DONE]')
  expect(await other).toBe('other')
})

test('while a model drains, the files of the next are read ahead, and it is expected sooner', async () => {
  const weights = join(temporaryFolder(), 'next.gguf')
  writeFileSync(weights, Buffer.alloc(8 * 1024 * 1024))
  const slow = simulatedModel('slow', { args: ['--time-scale', '1', '--decode-rate', '40'] })
  const plan = residencyOf([slow, simulatedModel('next', { weights: [weights] })], 1)
  const expected = { loadMs: 90_000, warmLoadMs: 700, stopMs: 100, serviceMs: 50 }
  const models = plan.scheduler.models.map((model) => ({ ...model, expected }))
  const gateway = await startWith({ ...plan, scheduler: { ...plan.scheduler, models } })
  const expectedMs = (): number | undefined =>
    gateway
      .residency()!
      .snapshot()
      .models.find(({ name }) => name === 'next')?.expectedLoadMs
  const stream = await postChat(gateway.url, { model: 'slow', stream: true, max_tokens: 40 })
  expect(expectedMs()).toBe(90_000)
  const next = servedBy(gateway, 'next')
  await expect.poll(expectedMs).toBe(700)
  expect(loads(gateway)).toEqual(['slow'])
  expect((await eventsOf(stream)).at(-1)).toBe('[DONE]')
  expect(await next).toBe('next')
})

test('a load that fails tells why, and whoever waited is answered (N4.10)', async () => {
  const broken = simulatedModel('broken', { args: ['--fault', 'crash-at-load'] })
  const gateway = await start([broken, simulatedModel('fine')])
  const errors = await Promise.all([1, 2, 3].map(async () => errorOf(await postChat(gateway.url, { model: 'broken' }))))
  for (const error of errors) expect(error.status).toBeGreaterThanOrEqual(500)
  expect(await servedBy(gateway, 'fine')).toBe('fine')
})

test('an engine that is killed under a waiting request is started again for it', async () => {
  const gateway = await start([simulatedModel('a')])
  await servedBy(gateway, 'a')
  const { pid } = gateway.residency()!.status()[0]!
  process.kill(pid!, 'SIGKILL')
  expect(await servedBy(gateway, 'a')).toBe('a')
  expect(loads(gateway)).toHaveLength(2)
})

test('a client that leaves the queue is forgotten at once', async () => {
  const slow = simulatedModel('slow', { args: ['--time-scale', '1', '--load-time', '15m'] })
  const gateway = await start([slow])
  const client = new AbortController()
  const asked = postChat(gateway.url, { model: 'slow' }, { signal: client.signal })
  await gateway.logged(({ msg }) => msg === 'a model is loaded')
  expect(gateway.residency()!.snapshot().queue).toHaveLength(1)
  client.abort()
  await expect(asked).rejects.toThrow()
  await gateway.logged(({ msg, client_gone: isGone }) => msg === 'request' && isGone === true)
  expect(gateway.residency()!.snapshot().queue).toEqual([])
})

test('a client that had gone before its turn was asked for brings no model in', async () => {
  const gateway = await start([simulatedModel('a')])
  const residency = gateway.residency()!
  const outcome = await residency.entrance.enter({ ...turn('a'), onCancel: (cancel) => cancel() })
  expect(outcome).toBe('gone')
  expect(residency.snapshot().queue).toEqual([])
  expect(loads(gateway)).toEqual([])
})

test('an unload ends when the process has gone, and leaves a model that can come back', async () => {
  const gateway = await start([simulatedModel('a')])
  await servedBy(gateway, 'a')
  const residency = gateway.residency()!
  const { pid } = residency.status()[0]!
  await residency.unload('a')
  expect(() => process.kill(pid!, 0)).toThrow(/ESRCH/)
  await residency.unload('a')
  expect(await servedBy(gateway, 'a')).toBe('a')
})

test('a model that was only to be loaded gives way at once: nobody is at work on it', async () => {
  const gateway = await start([simulatedModel('a'), simulatedModel('b')])
  const residency = gateway.residency()!
  const [, served] = await Promise.all([
    residency.entrance.load('a'),
    servedBy(gateway, 'b'),
    residency.entrance.load('a'),
  ])
  expect(served).toBe('b')
  expect(residency.isLoaded('a')).toBe(false)
})

test('a model that is taken out of the configuration ends its stream, and takes no request past the queue', async () => {
  const slow = simulatedModel('slow', { args: ['--time-scale', '1', '--decode-rate', '40'] })
  const other = simulatedModel('other')
  const gateway = await start([slow, other])
  const stream = await postChat(gateway.url, { model: 'slow', stream: true, max_tokens: 40 })
  await gateway.reconfigure('', residencyOf([other], 1))
  expect(await errorOf(await postChat(gateway.url, { model: 'slow' }))).toMatchObject({ code: 'model_not_found' })
  expect((await eventsOf(stream)).at(-1)).toBe('[DONE]')
  expect(await servedBy(gateway, 'other')).toBe('other')
})

test('whoever asks for a turn when the end has begun is refused at once', async () => {
  const gateway = await start([simulatedModel('a')])
  await gateway.close()
  const residency = gateway.residency()!
  await expect(residency.entrance.enter(turn('a'))).rejects.toMatchObject({ code: 'shutting_down' })
  await expect(residency.entrance.load('a')).rejects.toMatchObject({ code: 'shutting_down' })
})

test('shutting down leaves no engine behind', async () => {
  const gateway = await start([simulatedModel('a')])
  await servedBy(gateway, 'a')
  const { pid } = gateway.residency()!.status()[0]!
  await gateway.close()
  expect(() => process.kill(pid!, 0)).toThrow(/ESRCH/)
})
