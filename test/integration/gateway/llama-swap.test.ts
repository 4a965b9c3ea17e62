import { expect, test } from 'vitest'

import { errorOf, eventsOf, postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { residencyOf, simulatedModel } from '../../support/simulated-profile.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTextStream } from '../../support/text-stream.ts'

const keep = closeAfterEach()

const keyOfBob = '81b637d8fcd2c6da6359e6963113a1170de795e4b725b84d1e0b4cfd9ec58ce9' // SHA-256 of "bob"
const asBob = { headers: { authorization: 'Bearer bob' } }

async function start(models: ReturnType<typeof simulatedModel>[], roomFor = 1, yaml = ''): Promise<TestGateway> {
  return keep(
    await startTestGateway(yaml, { residency: residencyOf(models, roomFor), dataDirectory: temporaryFolder() }),
  )
}

async function load(gateway: TestGateway, model: string): Promise<void> {
  const response = await postChat(gateway.url, { model, max_tokens: 2 })
  expect([response.status, await response.text()]).toEqual([200, expect.any(String)])
}

async function running({ url }: TestGateway): Promise<readonly Record<string, unknown>[]> {
  const reply = (await (await fetch(`${url}/running`)).json()) as { running: Record<string, unknown>[] }
  return reply.running
}

test('what runs is shown with its state and command, and nothing is loaded by looking', async () => {
  const gateway = await start([simulatedModel('org/a:8b'), simulatedModel('b')])
  expect(await running(gateway)).toEqual([])
  await load(gateway, 'org/a:8b')
  expect(await running(gateway)).toEqual([
    {
      model: 'org/a:8b',
      state: 'ready',
      cmd: expect.stringContaining('--model org/a:8b'),
      proxy: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      ttl: 0,
      name: 'org/a:8b',
      description: '',
    },
  ])
})

test('one model, or all, are unloaded; the answer comes when the process has gone', async () => {
  const aliased = { ...simulatedModel('org/a:8b'), aliases: ['short'] }
  const gateway = await start([aliased, simulatedModel('b')], 2)
  await load(gateway, 'org/a:8b')
  await load(gateway, 'b')
  const { pid } = gateway
    .residency()!
    .status()
    .find(({ model }) => model === 'org/a:8b')!
  const one = await fetch(`${gateway.url}/unload/org/a:8b`, { method: 'POST' })
  expect([one.status, await one.text()]).toEqual([200, 'OK'])
  expect(() => process.kill(pid!, 0)).toThrow(/ESRCH/)
  expect((await running(gateway)).map(({ model }) => model)).toEqual(['b'])
  await load(gateway, 'short')
  const all = await fetch(`${gateway.url}/api/models/unload`, { method: 'POST' })
  expect(await all.json()).toEqual({ msg: 'ok' })
  expect(await running(gateway)).toEqual([])
})

test('a GET that unloads needs a real key, also where nobody is asked for one: any page can link to it', async () => {
  const yaml = `auth: { required: false, keys: [{ name: bob, sha256: "${keyOfBob}", scopes: [chat, admin] }] }`
  const gateway = await start([simulatedModel('a')], 1, yaml)
  await load(gateway, 'a')
  for (const path of ['/unload', '/unload/a']) {
    expect((await errorOf(await fetch(gateway.url + path))).code).toBe('unauthenticated')
  }
  expect(await running(gateway)).toHaveLength(1)
  expect((await fetch(`${gateway.url}/unload`, asBob)).status).toBe(200)
  expect(await running(gateway)).toEqual([])
})

test('a key that may only chat sees none of it', async () => {
  const yaml = `auth: { keys: [{ name: bob, sha256: "${keyOfBob}" }] }`
  const gateway = await start([simulatedModel('a')], 1, yaml)
  const paths = ['/running', '/unload', '/unload/a', '/logs', '/logs/stream', '/logs/stream/a', '/api/events']
  for (const path of [...paths, '/api/metrics/activity', '/api/metrics/stats', '/api/profiles']) {
    expect([path, (await errorOf(await fetch(gateway.url + path, asBob))).code]).toEqual([path, 'forbidden'])
  }
  for (const path of ['/health', '/wol-health']) expect(await (await fetch(gateway.url + path)).text()).toBe('OK')
})

test('an unload waits for a busy model and keeps nobody else waiting (N2.9)', async () => {
  const slow = simulatedModel('slow', { args: ['--time-scale', '1', '--decode-rate', '40'] })
  const gateway = await start([slow, simulatedModel('other')], 2)
  const stream = await postChat(gateway.url, { model: 'slow', stream: true, max_tokens: 30 })
  const unloading = fetch(`${gateway.url}/unload/slow`, { method: 'POST' })
  await load(gateway, 'other')
  expect((await eventsOf(stream)).at(-1)).toBe('[DONE]')
  expect((await unloading).status).toBe(200)
  expect((await running(gateway)).map(({ model }) => model)).toEqual(['other'])
})

test('an unknown name is refused in well-formed JSON, whatever is in it (N2.8)', async () => {
  const gateway = await start([simulatedModel('a')])
  const name = encodeURIComponent('a"},{"x":"\n')
  for (const [method, path] of [
    ['POST', '/unload/'],
    ['GET', '/logs/stream/'],
  ] as const) {
    const error = await errorOf(await fetch(gateway.url + path + name, { method }))
    expect(error).toMatchObject({ status: 404, code: 'model_not_found' })
    expect(error.message).toContain('a"},{"x":"\n')
  }
})

test("the logs are the gateway's own and those of every engine, told apart", async () => {
  const gateway = await start([simulatedModel('a')])
  await load(gateway, 'a')
  const text = await (await fetch(`${gateway.url}/logs`)).text()
  expect(text).toContain('"msg":"a model is loaded"')
  expect(text).toMatch(/^\[a\] /m)
})

test('a log is followed as it grows, with its history or without', async () => {
  const gateway = await start([simulatedModel('a')])
  const own = keep(await openTextStream(`${gateway.url}/logs/stream/proxy?no-history`))
  const engine = keep(await openTextStream(`${gateway.url}/logs/stream/a`))
  expect(own.response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  await load(gateway, 'a')
  expect(await own.until('"msg":"a model is loaded"')).not.toContain('backend changed its status","backend":"simulated')
  expect(await engine.until('\n')).not.toMatch(/^\[a\]/)
})

test('a shutdown does not wait for those who follow a log', async () => {
  const gateway = await start([simulatedModel('a')])
  const stream = keep(await openTextStream(`${gateway.url}/logs/stream`))
  await gateway.close()
  await stream.ended
})

test('more followers of logs than there may be are refused', async () => {
  const gateway = await start([simulatedModel('a')])
  for (let index = 0; index < 32; index++) keep(await openTextStream(`${gateway.url}/logs/stream/proxy`))
  expect((await errorOf(await fetch(`${gateway.url}/logs/stream`))).code).toBe('queue_full')
})

test('the event stream tells how everything stands, and then what changes, in the words of llama-swap', async () => {
  const gateway = await start([simulatedModel('a'), simulatedModel('b')], 1)
  const events = keep(await openTextStream(`${gateway.url}/api/events`))
  const first = messagesOf(await events.until('inflight'))
  expect(first.map(({ type }) => type)).toEqual([
    'logData',
    'logData',
    'modelStatus',
    'uiConfig',
    'profileChanged',
    'inflight',
  ])
  expect(first.find(({ type }) => type === 'modelStatus')?.data).toMatchObject([
    { id: 'a', state: 'stopped', peerID: '' },
    { id: 'b', state: 'stopped', peerID: '' },
  ])

  await load(gateway, 'a')
  const later = messagesOf(await events.until('"activity"'))
  expect(later.filter(({ type }) => type === 'activity').map(({ data }) => data)).toEqual([{ id: 1 }])
  const { data: statuses } = messagesOf(await events.until('\\"ready\\"')).findLast(
    ({ type }) => type === 'modelStatus',
  )!
  expect(statuses).toMatchObject([{ id: 'a', state: 'ready' }, { id: 'b' }])
})

test('requests at work are told when they come and when they go', async () => {
  const slow = simulatedModel('slow', { args: ['--time-scale', '1', '--decode-rate', '5'] })
  const gateway = await start([slow])
  const events = keep(await openTextStream(`${gateway.url}/api/events`))
  const asked = keep(
    await openTextStream(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'slow', stream: true, messages: [{ role: 'user', content: 'Hello' }] }),
    }),
  )
  const working = messagesOf(await events.until('\\"upsert\\"')).findLast(({ type }) => type === 'inflight')
  const id = asked.response.headers.get('x-request-id')
  expect(working?.data).toMatchObject({ request: { id, model: 'slow', method: 'POST', req_headers: {} } })
  await asked.close()
  expect(messagesOf(await events.until('\\"remove\\"')).at(-1)?.data).toEqual({ operation: 'remove', id })
})

test('the last requests are listed page by page, the newest first, and added up', async () => {
  const gateway = await start([simulatedModel('a'), simulatedModel('b')], 2)
  for (const model of ['a', 'b', 'a']) await load(gateway, model)
  const ask = async (path: string): Promise<unknown> => (await fetch(gateway.url + path)).json()
  expect(await ask('/api/metrics/activity?limit=2')).toMatchObject({
    data: [
      { id: 3, model: 'a', req_path: '/v1/chat/completions', resp_status_code: 200, tokens: { output_tokens: 2 } },
      { id: 2, model: 'b' },
    ],
    page: 1,
    limit: 2,
    total: 3,
    total_pages: 2,
  })
  expect(await ask('/api/metrics/activity?limit=2&page=2')).toMatchObject({ data: [{ id: 1 }] })
  expect(await ask('/api/metrics/activity?model=b')).toMatchObject({ total: 1 })
  expect(await ask('/api/metrics/stats?model=a')).toMatchObject({ total_requests: 2, total_output_tokens: 4 })
  expect((await errorOf(await fetch(`${gateway.url}/api/metrics/activity?limit=0`))).code).toBe('invalid_request')
  expect(await ask('/api/profiles')).toEqual({ active: null, profiles: [] })
  expect((await fetch(`${gateway.url}/api/performance`)).status).toBe(503)
})

test('a bare /v before a path means what /v1 means', async () => {
  const gateway = await start([simulatedModel('a')])
  const body = JSON.stringify({ model: 'a', max_tokens: 2, messages: [{ role: 'user', content: 'Hello' }] })
  expect((await fetch(`${gateway.url}/v/chat/completions`, { method: 'POST', body })).status).toBe(200)
})

interface Message {
  readonly type: string
  readonly data: unknown
}

function messagesOf(text: string): readonly Message[] {
  const lines = text
    .split('\n\n')
    .slice(0, -1)
    .flatMap((event) => event.split('\n'))
  return lines
    .filter((line) => line.startsWith('data:'))
    .map((line) => {
      const { type, data } = JSON.parse(line.slice('data:'.length)) as { type: string; data: string }
      return { type, data: JSON.parse(data) as unknown }
    })
}
