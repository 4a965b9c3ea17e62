import { expect, test } from 'vitest'

import { errorOf, eventsOf, postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { residencyOf, simulatedModel } from '../../support/simulated-profile.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import type { GatewayState } from '../../../src/core/gateway-state.ts'
import { openStateStream, residenceIn } from '../../support/state-stream.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

/** A machine with a GPU that holds one of two models. */
async function startBox(options: { args?: readonly string[]; yaml?: string } = {}): Promise<TestGateway> {
  const models = ['a', 'b'].map((name) => simulatedModel(name, { args: options.args }))
  const residency = residencyOf(models, 1)
  return keep(await startTestGateway(options.yaml ?? '', { residency, dataDirectory: temporaryFolder() }))
}

async function startFront(boxes: Readonly<Record<string, TestGateway>>): Promise<TestGateway> {
  const backends = Object.entries(boxes).map(([name, { url }]) => `  ${name}: { url: "${url}", kind: llmr }\n`)
  return keep(await startTestGateway(`backends:\n${backends.join('')}`))
}

async function servedBy(gateway: TestGateway, model: string): Promise<string> {
  const response = await postChat(gateway.url, { model, max_tokens: 4 })
  const text = await response.text()
  expect(response.status, text).toBe(200)
  return response.headers.get('x-llmr-backend') ?? ''
}

function loadsOf({ log }: TestGateway): readonly unknown[] {
  return log.filter(({ msg }) => msg === 'a model is loaded').map(({ model }) => model)
}

test('a front gateway sends a request to the box that has the model in memory, and nobody swaps', async () => {
  const boxes = { one: await startBox(), two: await startBox() }
  await servedBy(boxes.one, 'b')
  await servedBy(boxes.two, 'a')
  const front = await startFront(boxes)
  const watched = keep(await openStateStream(front.url))
  await watched.until((state) => residenceIn(state, 'a') === 'loaded' && residenceIn(state, 'b') === 'loaded')
  for (const round of [1, 2, 3]) {
    expect([round, await servedBy(front, 'a'), await servedBy(front, 'b')]).toEqual([round, 'two', 'one'])
  }
  expect([loadsOf(boxes.one), loadsOf(boxes.two)]).toEqual([['b'], ['a']])
})

test('when the box that has the model goes, the other one loads it and serves', async () => {
  const boxes = { one: await startBox(), two: await startBox() }
  await servedBy(boxes.two, 'a')
  const front = await startFront(boxes)
  const watched = keep(await openStateStream(front.url))
  await watched.until((state) => residenceIn(state, 'a') === 'loaded')
  expect(await servedBy(front, 'a')).toBe('two')
  await boxes.two.close()
  expect(await servedBy(front, 'a')).toBe('one')
  expect(loadsOf(boxes.one)).toEqual(['a'])
})

test('a load on a box is seen at the front while it lasts', async () => {
  const box = await startBox({ args: ['--time-scale', '1', '--load-time', '400ms'] })
  const front = await startFront({ box })
  const watched = keep(await openStateStream(front.url))
  await watched.until((state) => residenceIn(state, 'a') === 'unloaded')
  const served = servedBy(front, 'a')
  const loading = await watched.until((state) => residenceIn(state, 'a') === 'loading')
  expect(loading.models.find(({ id }) => id === 'a')?.expectedLoadMs).toBeGreaterThan(0)
  expect(await served).toBe('box')
  await watched.until((state) => residenceIn(state, 'a') === 'loaded')
  const list = (await (await fetch(`${front.url}/v1/models/a`)).json()) as { status: { value: string } }
  expect(list.status.value).toBe('loaded')
})

test('what is loaded at a box without this front having asked for it is known here, too', async () => {
  const boxes = { one: await startBox(), two: await startBox() }
  const front = await startFront(boxes)
  const watched = keep(await openStateStream(front.url))
  await watched.until((state) => residenceIn(state, 'b') === 'unloaded')
  await servedBy(boxes.two, 'b')
  await watched.until((state) => residenceIn(state, 'b') === 'loaded')
  expect(await servedBy(front, 'b')).toBe('two')
})

test('a front gateway of a front gateway knows what the boxes have in memory', async () => {
  const box = await startBox()
  const middle = await startFront({ box })
  const front = await startFront({ middle })
  const watched = keep(await openStateStream(front.url))
  await servedBy(box, 'b')
  await watched.until((state) => residenceIn(state, 'b') === 'loaded' && residenceIn(state, 'a') === 'unloaded')
  expect(await servedBy(front, 'b')).toBe('middle')
})

test('a box tells its state to keys with scope gateway; a front without one asks now and then', async () => {
  const sha = '81b637d8fcd2c6da6359e6963113a1170de795e4b725b84d1e0b4cfd9ec58ce9' // of "bob"
  const alice = '2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e91'
  const yaml = (scopes: string): string =>
    `auth: { keys: [{ name: front, sha256: "${sha}", scopes: [${scopes}] }, { name: other, sha256: "${alice}" }] }`
  const trusting = await startBox({ yaml: yaml('chat, gateway') })
  const wary = await startBox({ yaml: yaml('chat') })
  const front = keep(
    await startTestGateway(
      `backends:\n  trusting: { url: "${trusting.url}", kind: llmr, api_key: bob }\n` +
        `  wary: { url: "${wary.url}", kind: llmr, api_key: bob }`,
    ),
  )
  await front.logged(({ msg, backend }) => backend === 'wary' && String(msg).includes('does not tell how it stands'))
  expect(front.fleet.get('wary')?.remoteModel('a')).toBeUndefined()
  const watched = keep(await openStateStream(front.url))
  await watched.until((state) => residenceIn(state, 'a') === 'unloaded')
  expect(['trusting', 'wary']).toContain(await servedBy(front, 'a'))
})

test("two fronts that are each other's backends keep nothing that the box has not", async () => {
  const box = await startBox()
  const one = keep(await startTestGateway(''))
  const other = await startFront({ one })
  const urlOf = ({ url }: TestGateway): string => `{ url: "${url}", kind: llmr }`
  await one.reconfigure(`backends: { box: ${urlOf(box)}, other: ${urlOf(other)} }`)
  const watched = keep(await openStateStream(other.url))
  await servedBy(box, 'a')
  await watched.until((state) => residenceIn(state, 'a') === 'loaded')
  await box.residency()!.unload('a')
  // Until each knows who the other is, a way around may be told as well.
  const model = (told: GatewayState) => told.models.find(({ id }) => id === 'a')
  const state = await watched.until((told) => residenceIn(told, 'a') === 'unloaded' && model(told)?.places.length === 1)
  expect(model(state)).toMatchObject({ running: 0, queued: 0 })
  expect(model(state)?.places.map(({ path }) => path)).toEqual([[other.instanceId, one.instanceId, box.instanceId]])
})

test('two fronts that name each other refuse to send a request in circles', async () => {
  const one = keep(await startTestGateway(''))
  const other = keep(await startTestGateway(`backends: { one: { url: "${one.url}", kind: llmr, models: [loop] } }`))
  await one.reconfigure(`backends: { other: { url: "${other.url}", kind: llmr, models: [loop] } }`)
  expect((await errorOf(await postChat(one.url, { model: 'loop' }))).status).toBe(508)
})

test('the queue of a loaded model is weighed against a load elsewhere', async () => {
  const args = ['--time-scale', '1', '--decode-rate', '40', '--load-time', '400ms']
  const boxes = { one: await startBox({ args }), two: await startBox({ args }) }
  await servedBy(boxes.two, 'a')
  const front = await startFront(boxes)
  const watched = keep(await openStateStream(front.url))
  await watched.until((state) => residenceIn(state, 'a') === 'loaded')
  // Two slots: all are answered there one after the other long before another load would be worth it.
  const streams = await Promise.all(
    [1, 2, 3].map(() => postChat(front.url, { model: 'a', stream: true, max_tokens: 8 })),
  )
  const events = await Promise.all(streams.map(eventsOf))
  expect(events.map((all) => all.at(-1))).toEqual(['[DONE]', '[DONE]', '[DONE]'])
  expect(loadsOf(boxes.one)).toEqual([])
})
