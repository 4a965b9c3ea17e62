import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, expect } from 'vitest'

import type { Bus, BusEvent } from '../../../src/core/bus.ts'
import { subjects } from '../../../src/events/subjects.ts'
import type { StoreFamilies } from '../../../src/store/open-store.ts'
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

/** No worker has done anything yet. */
const nothingKept = { known: () => Promise.resolve(new Set()) } as unknown as StoreFamilies['turns']

async function start(yaml: string, mode: MemoryBus['mode'], more: (bus: MemoryBus) => Partial<Bus> = () => ({})) {
  const dataDirectory = temporaryFolder()
  const bus = new MemoryBus()
  bus.mode = mode
  const closable = Object.assign(bus.asBus(), more(bus), { close: () => Promise.resolve() })
  const gateway = await startTestGateway(yaml, {
    dataDirectory,
    openStore: () => Promise.resolve(fakeStore({ turns: nothingKept })),
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

failureRow('bus loses what it had', async () => {
  let epoch = 'before'
  const { gateway, bus } = await start('memory: on', 'takes', () => ({ epoch: () => Promise.resolve(epoch) }))
  await postChat(gateway.url)
  await bus.until(({ events }) => events.length === 2)
  epoch = 'after'
  await gateway.logged(({ msg }) => msg === 'the bus has lost what it had; what is not done is published again')
  await bus.until(({ events }) => events.length === 3)
  expect(bus.events[2]?.id).toBe(bus.events[0]?.id)
})

failureRow('event is larger than the bus takes', async () => {
  const { gateway, bus } = await start('memory: on', 'takes', (inner) => {
    const publish = inner.publish.bind(inner)
    const isLarge = ({ subject }: BusEvent): boolean => subject === subjects.persist
    return {
      publish: (events) => (events.some(isLarge) ? Promise.reject(new RangeError('too large')) : publish(events)),
    }
  })
  expect((await postChat(gateway.url)).status).toBe(200)
  await gateway.logged(({ msg }) => msg === 'an event is larger than the bus takes, and is lost')
  await bus.until(({ events }) => events.length === 1)
  expect(bus.events[0]?.subject).toBe(subjects.lineage)
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
  expect(metrics).toContain('llmr_events_dropped_total{class="turn"} 1')
})

failureRow('nobody works on an event for too long', async () => {
  const { gateway } = await start('{ memory: on, events: { give_up_after: 1s } }', 'fails')
  expect((await postChat(gateway.url)).status).toBe(200)
  const said = 'events that no worker could work on for too long are given up, and lost'
  expect(await gateway.logged(({ msg }) => msg === said)).toMatchObject({ level: 'error' })
})
