import { expect, test } from 'vitest'

import { errorOf, eventsOf, postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { residencyOf, simulatedModel } from '../../support/simulated-profile.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

async function start(models: ReturnType<typeof simulatedModel>[], roomFor = 1): Promise<TestGateway> {
  const residency = residencyOf(models, roomFor)
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

test('every model on disk is there for the asking, in the memory there is', async () => {
  const gateway = await start([simulatedModel('a'), simulatedModel('b')])
  expect(gateway.modelNames()).toEqual(['a', 'b'])
  expect(await servedBy(gateway, 'a')).toBe('a')
  expect(await servedBy(gateway, 'b')).toBe('b')
  expect(loads(gateway)).toEqual(['a', 'b'])
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

test('a load that fails tells why, and whoever waited is answered (N4.10)', async () => {
  const broken = simulatedModel('broken', { args: ['--fault', 'crash-at-load', '--load-time', '1'] })
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
  const slow = simulatedModel('slow', { args: ['--time-scale', '1', '--load-time', '1000'] })
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

test('shutting down leaves no engine behind', async () => {
  const gateway = await start([simulatedModel('a')])
  await servedBy(gateway, 'a')
  const { pid } = gateway.residency()!.status()[0]!
  await gateway.close()
  expect(() => process.kill(pid!, 0)).toThrow(/ESRCH/)
})
