import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, expect } from 'vitest'

import { postChat } from '../../support/chat.ts'
import { MemoryBus } from '../../support/memory-bus.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { fakeStore } from '../../store/fake-store.ts'
import { failureRow } from './failure-row.ts'

const running: TestGateway[] = []

afterEach(async () => {
  for (const gateway of running.splice(0)) await gateway.close()
})

async function start(yaml: string, mode: MemoryBus['mode']) {
  const dataDirectory = temporaryFolder()
  const bus = new MemoryBus()
  bus.mode = mode
  const closable = Object.assign(bus.asBus(), { close: () => Promise.resolve() })
  const gateway = await startTestGateway(yaml, {
    dataDirectory,
    openStore: () => Promise.resolve(fakeStore()),
    side: { workers: () => [], openBroker: () => Promise.resolve(closable) },
  })
  running.push(gateway)
  return { gateway, bus, dataDirectory }
}

failureRow('bus cannot be reached, or hangs', async () => {
  const hanging = await start('memory: on', 'hangs')
  expect((await postChat(hanging.gateway.url)).status).toBe(200)
  const { gateway, bus } = await start('memory: on', 'fails')
  const asked: (string | null)[] = []
  for (let n = 0; n < 3; n++) {
    const response = await postChat(gateway.url)
    expect(response.status).toBe(200)
    asked.push(response.headers.get('x-request-id'))
  }
  await gateway.logged(({ msg }) => msg === 'events do not reach the bus; they are kept in the spool')
  bus.mode = 'takes'
  await bus.until(({ events }) => events.length === 6)
  expect(bus.events.map(({ headers }) => headers['ce-subject'])).toEqual(asked.flatMap((id) => [id, id]))
})

failureRow('spool is full', async () => {
  const { gateway } = await start('{ memory: on, events: { spool: 4KiB } }', 'fails')
  const full = gateway.logged(({ msg }) => msg === 'the spool is full; events are dropped until the bus takes some')
  for (let n = 0; n < 10; n++) expect((await postChat(gateway.url)).status).toBe(200)
  await full
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
  expect(metrics).toMatch(/llmr_events_dropped_total{class="turn"} [1-9]/)
})

failureRow('disk refuses the spool', async () => {
  const { gateway, bus, dataDirectory } = await start('memory: on', 'takes')
  const folder = join(dataDirectory, 'spool')
  rmdirSync(folder)
  for (let n = 0; n < 3; n++) expect((await postChat(gateway.url)).status).toBe(200)
  const said = 'the disk takes no more of the spool; events are dropped until it does'
  await gateway.logged(({ msg }) => msg === said)
  expect(gateway.log.filter(({ msg }) => msg === said)).toHaveLength(1)
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
  expect(metrics).toContain('llmr_events_dropped_total{class="turn"} 3')
  mkdirSync(folder)
  const response = await postChat(gateway.url)
  await bus.until(({ events }) => events.length === 2)
  expect(bus.events[0]?.headers['ce-subject']).toBe(response.headers.get('x-request-id'))
})
