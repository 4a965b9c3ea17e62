import { expect, test } from 'vitest'

import { errorOf } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { residencyOf, simulatedModel } from '../../support/simulated-profile.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

async function start(models: ReturnType<typeof simulatedModel>[]): Promise<TestGateway> {
  return keep(await startTestGateway('', { residency: residencyOf(models, 1), dataDirectory: temporaryFolder() }))
}

function switchTo({ url }: TestGateway, model: string, init: { stream?: boolean; signal?: AbortSignal } = {}) {
  const { stream, signal } = init
  return fetch(`${url}/models/switch`, {
    method: 'POST',
    body: JSON.stringify({ model, stream }),
    signal: signal ?? null,
  })
}

async function get({ url }: TestGateway, path: string): Promise<Record<string, unknown>> {
  return (await (await fetch(url + path)).json()) as Record<string, unknown>
}

test('the menu shows what there is and what is in memory, and looking loads nothing (N4.11)', async () => {
  const gateway = await start([{ ...simulatedModel('a'), aliases: ['alpha'] }, simulatedModel('b')])
  expect(await get(gateway, '/models/available')).toMatchObject({
    current: null,
    models: [
      { id: 'a', aliases: ['alpha'], loaded: false, state: 'unloaded' },
      { id: 'b', loaded: false },
    ],
  })
  expect(await get(gateway, '/models/status')).toMatchObject({ state: 'idle', current: null, loaded: [], failed: [] })
  expect(
    gateway
      .residency()!
      .status()
      .map(({ phase }) => phase),
  ).toEqual(['stopped', 'stopped'])
})

test('a switch answers when the model is there, and the one before has made room', async () => {
  const gateway = await start([{ ...simulatedModel('a'), aliases: ['alpha'] }, simulatedModel('b')])
  const first = await switchTo(gateway, 'alpha')
  expect([first.status, await first.json()]).toMatchObject([200, { status: 'ready', model: 'a' }])
  expect(await get(gateway, '/models/status')).toMatchObject({ state: 'ready', current: 'a', loaded: ['a'] })
  expect((await switchTo(gateway, 'b')).status).toBe(200)
  expect(await get(gateway, '/models/status')).toMatchObject({ current: 'b', loaded: ['b'] })
})

test('a switch that is followed answers at once, tells how far it is, and ends with the model (N4.9)', async () => {
  const gateway = await start([simulatedModel('a', { args: ['--time-scale', '1', '--load-time', '200ms'] })])
  const response = await switchTo(gateway, 'a', { stream: true })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const text = await response.text()
  const events = text.split('\n\n').flatMap((event) => {
    const data = /^data: (.*)$/m.exec(event)?.[1]
    return data === undefined ? [] : (JSON.parse(data) as { type: string; status: string })
  })
  expect(events[0]).toMatchObject({ type: 'progress', status: 'waiting' })
  expect(events).toContainEqual(expect.objectContaining({ type: 'progress', status: 'loading' }))
  expect(events.at(-1)).toMatchObject({ type: 'ready', status: 'ready', model: 'a' })
})

test('after a switch that failed nobody waits for ever, and the next model comes (N4.10)', async () => {
  const broken = simulatedModel('broken', { args: ['--fault', 'crash-at-load'] })
  const gateway = await start([broken, simulatedModel('fine')])
  const [quiet, aloud, third] = await Promise.all([
    switchTo(gateway, 'broken'),
    switchTo(gateway, 'broken', { stream: true }),
    switchTo(gateway, 'broken'),
  ])
  expect(await errorOf(quiet)).toMatchObject({ status: 503, code: 'load_failed' })
  expect((await errorOf(third)).code).toBe('load_failed')
  const text = await aloud.text()
  expect(text).toContain('"code":"load_failed"')
  expect(text).not.toContain('"status":"ready"')
  // How it stands can be asked while nothing is tried, and what comes next closes the matter (N4.12).
  const status = await get(gateway, '/models/status')
  expect(status).toMatchObject({ failed: [{ model: 'broken', code: expect.any(String), cause: expect.any(String) }] })
  expect((await switchTo(gateway, 'fine')).status).toBe(200)
})

test('whoever leaves while the model is on its way waits no more', async () => {
  const slow = simulatedModel('slow', { args: ['--time-scale', '1', '--load-time', '15m'] })
  const gateway = await start([slow])
  const client = new AbortController()
  const switching = switchTo(gateway, 'slow', { signal: client.signal })
  await gateway.logged(({ msg }) => msg === 'a model is loaded')
  expect(await get(gateway, '/models/status')).toMatchObject({ state: 'switching', target: 'slow', waiting: 1 })
  client.abort()
  await expect(switching).rejects.toThrow()
  await gateway.logged(({ msg, client_gone: isGone }) => msg === 'request' && isGone === true)
  expect(gateway.residency()!.snapshot().queue).toEqual([])
})

test('a switch to nothing, or to what is not there, says what was expected', async () => {
  const gateway = await start([simulatedModel('qwen')])
  const nothing = await errorOf(await fetch(`${gateway.url}/models/switch`, { method: 'POST', body: '{}' }))
  expect(nothing).toMatchObject({ status: 400, code: 'invalid_request' })
  const unknown = await errorOf(await switchTo(gateway, 'qwem'))
  expect(unknown).toMatchObject({ status: 404, code: 'model_not_found' })
  expect(unknown.message).toContain('Did you mean "qwen"?')
})

test('a gateway that starts no engines shows the models of its backends, and says that it cannot switch', async () => {
  const gateway = keep(await startTestGateway(''))
  expect(await get(gateway, '/models/available')).toMatchObject({ models: [{ id: 'simulated' }] })
  expect((await errorOf(await switchTo(gateway, 'simulated'))).code).toBe('not_supported')
})
