import { rmSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, describe, expect, test } from 'vitest'

import type { Turn } from '../../../src/core/turn.ts'
import { Spool } from '../../../src/events/spool/spool.ts'
import { readTurnEvent } from '../../../src/events/read-turn-event.ts'
import { subjects } from '../../../src/events/subjects.ts'
import { fakeStore } from '../../store/fake-store.ts'
import { postChat } from '../../support/chat.ts'
import { MemoryBus } from '../../support/memory-bus.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { smallDisk } from '../../support/small-disk.ts'
import { startTestGateway } from '../../support/start-gateway.ts'

const kibibyte = 1024
const disk = smallDisk(256 * kibibyte)
const skip = 'skip' in disk ? disk.skip : undefined
const folder = 'skip' in disk ? '' : disk.folder
const keep = closeAfterEach()

afterAll(() => {
  if (!('skip' in disk)) disk.remove()
})

describe.skipIf(skip !== undefined)(`a disk that is full${skip === undefined ? '' : ` (${skip})`}`, () => {
  test('what a spool has kept is there for the next process, and makes room when it is settled', async () => {
    const at = join(folder, 'alone')
    const open = (runName: string): Spool => new Spool({ folder: at, bytesMax: 1024 * kibibyte, runName })
    const spool = open('a')
    const event = (id: number) => ({ id: String(id), subject: 's', headers: {}, body: 'x'.repeat(5_000) })
    const kept: string[] = []
    for (let id = 0; id < 100; id++) if (spool.append(event(id), 'must') === 'kept') kept.push(String(id))
    expect(kept.length).toBeLessThan(60)
    const outcome = spool.append(event(100), 'must')
    expect(outcome).toMatchObject({ refused: { message: expect.stringMatching(/ENOSPC|the disk has taken/) } })
    const next = open('b')
    const left = next.take(Infinity)
    expect((await next.read(left)).map(({ id }) => id)).toEqual(kept)
    spool.settle(spool.take(Infinity))
    expect(spool.append(event(101), 'must')).toBe('kept')
    spool.close()
    rmSync(at, { recursive: true })
  })

  test('no request fails, what cannot be kept is counted and said once, and what was kept is told', async () => {
    const bus = new MemoryBus()
    bus.mode = 'fails'
    const closable = Object.assign(bus.asBus(), { close: () => Promise.resolve() })
    const gateway = keep(
      await startTestGateway('memory: on', {
        dataDirectory: folder,
        openStore: () => Promise.resolve(fakeStore()),
        side: { workers: () => [], openBroker: () => Promise.resolve(closable) },
      }),
    )
    const said = 'the disk takes no more of the spool; events are dropped until it does'
    const asked: string[] = []
    const ask = async (): Promise<void> => {
      const response = await postChat(gateway.url, { messages: [{ role: 'user', content: 'x'.repeat(20_000) }] })
      expect(response.status).toBe(200)
      await response.text()
      asked.push(response.headers.get('x-request-id') ?? '')
    }
    for (let n = 0; n < 20; n++) await ask()
    const dropped = await droppedTurns(gateway.url)
    expect(dropped).toBeGreaterThan(5)
    expect(dropped).toBeLessThan(20)
    expect(gateway.log.filter(({ msg }) => msg === said)).toHaveLength(1)
    bus.mode = 'takes'
    await bus.until(({ events }) => turnsIn(events).length === 20 - dropped)
    expect(turnsIn(bus.events).map(({ requestId }) => requestId)).toEqual(asked.slice(0, 20 - dropped))
  })
})

function turnsIn(events: MemoryBus['events']): readonly Turn[] {
  return events.filter(({ subject }) => subject === subjects.persist).map(readTurnEvent)
}

async function droppedTurns(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/llmr_events_dropped_total\{class="turn"\} (\d+)/.exec(metrics)?.[1])
}
