import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import { connect } from '@nats-io/transport-node'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterAll, describe, expect, test } from 'vitest'

import { openJetStreamBus, type OpenedBus } from '../../../src/events/jetstream/open-jetstream-bus.ts'
import { realNats } from '../../services/nats.ts'
import { describeBus } from '../../support/bus-conformance.ts'

const nats = await realNats()
const skip = 'skip' in nats ? nats.skip : undefined
const opened: OpenedBus[] = []

/** A server that `NATS_URL` names keeps the events of earlier runs, with the same ids. */
const run = `jetstream-${process.pid}-${Date.now()}`

async function open(): Promise<OpenedBus> {
  if ('skip' in nats) throw new Error(nats.skip)
  const bus = await openJetStreamBus({ url: nats.url, clientName: 'test' })
  opened.push(bus)
  return bus
}

afterAll(async () => {
  await Promise.all(opened.map((bus) => bus.close()))
  if (!('skip' in nats)) await nats.close()
})

describeBus({ name: run, skip, open })

describe.skipIf(skip !== undefined)('JetStream', () => {
  async function manager() {
    if ('skip' in nats) throw new Error(nats.skip)
    const connection = await connect({ servers: nats.url.replace('nats://', '') })
    return { manager: await jetstreamManager(connection), connection }
  }
  const subject = (rest: string): string => `pipeline.knowledge.test.${run}.${rest}`

  test('a body that is not JSON is put aside, and holds up nobody behind it', async () => {
    const bus = await open()
    const worker = await bus.consumer({ name: `${run}.raw`, subjects: [subject('raw')], ackWaitMs: 60_000 })
    const { connection } = await manager()
    connection.publish(subject('raw'), 'hello')
    await connection.flush()
    await bus.publish([{ id: `${run}/raw`, subject: subject('raw'), headers: {}, body: 1 }])
    let ids: string[] = []
    while (ids.length === 0) {
      ids = (await worker.fetch({ most: 10, waitMs: 10_000 })).map(({ event }) => event.id)
    }
    expect(ids).toEqual([`${run}/raw`])
    const [letter] = await bus.deadLetters(1)
    expect(letter).toMatchObject({ consumer: `${run}.raw`, reason: 'The body is not JSON.', event: { body: 'hello' } })
    await connection.close()
  })

  test('subjects of which one holds the other are given to a consumer once', async () => {
    const bus = await open()
    const subjects = [subject('twice.>'), subject('twice.a')]
    const worker = await bus.consumer({ name: `${run}.twice`, subjects, ackWaitMs: 60_000 })
    await bus.publish([{ id: `${run}/twice`, subject: subject('twice.a'), headers: {}, body: 1 }])
    expect(await worker.fetch({ most: 10, waitMs: 10_000 })).toHaveLength(1)
  })

  test('a stream that somebody has deleted is made again by whoever publishes, and its consumer by whoever asks', async () => {
    const bus = await open()
    const options = { name: `${run}.gone`, subjects: [subject('gone')], ackWaitMs: 60_000 }
    const worker = await bus.consumer(options)
    const { manager: server, connection } = await manager()
    await server.streams.delete('LLMR_PIPELINE')
    await bus.publish([{ id: `${run}/gone`, subject: subject('gone'), headers: {}, body: 1 }])
    await expect(worker.fetch({ most: 1, waitMs: 0 })).rejects.toThrow('it is not there')
    const again = await bus.consumer(options)
    expect(await again.fetch({ most: 1, waitMs: 10_000 })).toHaveLength(1)
    await connection.close()
  })

  test('a bus whose server is gone can be closed, and keeps no process alive that wants to end', async () => {
    if ('skip' in nats) throw new Error(nats.skip)
    const args = [join(import.meta.dirname, 'close-without-server.ts'), new URL(nats.url).port]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] })
    expect(await once(child, 'exit')).toEqual([0, null])
  })
})
