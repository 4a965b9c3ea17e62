import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Bus } from '../../../src/core/bus.ts'
import { systemClock } from '../../../src/core/clock.ts'
import type { Logger } from '../../../src/core/logger.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { openJetStreamBus } from '../../../src/events/jetstream/open-jetstream-bus.ts'
import { Spool } from '../../../src/events/spool/spool.ts'
import { SpoolSender } from '../../../src/events/spool/spool-sender.ts'
import { Victim } from '../../chaos/events/victim.ts'
import { keptService } from '../../services/kept-service.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const service = await keptService('nats.sh').catch((error: unknown) => {
  if (process.env['LLMR_TEST_REQUIRE'] === 'all') throw error
  return undefined
})
const logFile = join(mkdtempSync(join(tmpdir(), 'llmr-test-nats-')), 'log')
const servers = `127.0.0.1:${service?.port}`
const subject = 'pipeline.knowledge.test.lossy'
const deadlineMs = 60_000

function victimOf({ command }: NonNullable<typeof service>): Victim {
  const isReady = async (): Promise<boolean> => {
    const connection = await connect({ servers, timeout: 2_000, reconnect: false })
    await jetstreamManager(connection)
    await connection.close()
    return true
  }
  return new Victim({ name: 'nats', command, logFile, isReady })
}

const server = service && victimOf(service)

beforeAll(() => server?.start())
afterAll(async () => {
  await server?.close()
  await service?.remove()
})

describe.skipIf(server === undefined)('a broker that does not keep what it has taken', () => {
  test('a stream that is full is said once; everything waits in the spool, and is told when there is room', async () => {
    await withSender(async ({ add, spool, warnings, work, manager }) => {
      const { config } = await manager.streams.info('LLMR_PIPELINE')
      await manager.streams.update('LLMR_PIPELINE', { ...config, max_bytes: 64 * 1024 })
      add(40, 'x'.repeat(5_000))
      await until(() => warnings.length > 0)
      expect(spool.unsettled).toBe(40)
      await manager.streams.update('LLMR_PIPELINE', config)
      expect(await work(40)).toEqual(ids(40))
      await until(() => spool.unsettled === 0)
      expect(warnings).toEqual(['events do not reach the bus; they are kept in the spool'])
    })
  })

  test('a stream that is deleted under a gateway gets again what no worker had done, and nothing else', async () => {
    await withSender(async ({ add, spool, warnings, work, sender, manager }) => {
      add(30)
      expect(await work(10)).toHaveLength(10)
      await until(() => spool.unsettled === 20 && sender.counts.published >= 30)
      await manager.streams.delete('LLMR_PIPELINE')
      expect(await work(20)).toHaveLength(20)
      await until(() => spool.unsettled === 0)
      expect(warnings).toEqual(['the bus has lost what it had; what is not done is published again'])
    })
  })

  test('a server that comes back with an empty disk gets again what no worker had done', async () => {
    await withSender(async ({ add, spool, work, sender }) => {
      add(20)
      await until(() => sender.counts.published >= 20)
      await server?.kill()
      await service?.remove()
      add(5, '', 20)
      await server?.start()
      expect(await work(25)).toEqual(ids(25))
      await until(() => spool.unsettled === 0)
    })
  })
})

/** A spool on its way to the server, and a worker that does what it is told to do. */
async function withSender(
  check: (parts: {
    readonly spool: Spool
    readonly sender: SpoolSender
    readonly manager: JetStreamManager
    readonly warnings: readonly string[]
    readonly add: (count: number, body?: string, from?: number) => void
    /** Works on so many events that it has not done yet; resolves to their ids, sorted. */
    readonly work: (count: number) => Promise<readonly string[]>
  }) => Promise<void>,
): Promise<void> {
  const run = `${process.pid}-${performance.now()}`
  const bus = await openJetStreamBus({ url: `nats://${servers}`, clientName: 'test' })
  const connection = await connect({ servers })
  const spool = new Spool({ folder: temporaryFolder(), bytesMax: 64 * 1024 ** 2, runName: 'a' })
  const warnings: string[] = []
  const logger: Logger = { ...silentLogger, warn: (_, message) => warnings.push(message) }
  const done = new Set<string>()
  const confirm: ConstructorParameters<typeof SpoolSender>[0]['confirm'] = (events) =>
    Promise.resolve(events.filter(({ id }) => done.has(id)))
  const sender = new SpoolSender({ spool, bus: () => bus, confirm, clock: systemClock, logger })
  try {
    await check({
      spool,
      sender,
      manager: await jetstreamManager(connection),
      warnings,
      add: (count, body = '', from = 0) => {
        for (const id of ids(count, from))
          spool.append({ id: `${run}/${id}`, subject, headers: { 'ce-id': id }, body }, 'must')
        sender.wake()
      },
      work: (count) => workOn(bus, { name: `lossy-${process.pid}`, run, count, done }),
    })
  } finally {
    await sender.close()
    spool.close()
    await bus.close()
    await connection.close()
  }
}

async function workOn(
  bus: Bus,
  { name, run, count, done }: { name: string; run: string; count: number; done: Set<string> },
): Promise<readonly string[]> {
  const worked: string[] = []
  const untilMs = performance.now() + deadlineMs
  while (worked.length < count && performance.now() < untilMs) {
    try {
      const consumer = await bus.consumer({ name, subjects: [subject], ackWaitMs: deadlineMs })
      const deliveries = await consumer.fetch({ most: count - worked.length, waitMs: 500 })
      for (const { event } of deliveries) {
        if (!event.id.startsWith(run) || done.has(event.id)) continue
        done.add(event.id)
        worked.push(event.id.slice(run.length + 1))
      }
      await consumer.done(deliveries)
    } catch {
      // The stream, its consumer or the server is away, and comes back.
    }
  }
  return worked.toSorted()
}

function ids(count: number, from = 0): readonly string[] {
  return Array.from({ length: count }, (_, at) => String(from + at).padStart(3, '0'))
}

async function until(isReached: () => boolean): Promise<void> {
  const untilMs = performance.now() + deadlineMs
  while (!isReached()) {
    if (performance.now() > untilMs) throw new Error('it did not come to that within a minute')
    await delay(20)
  }
}
