import { createServer } from 'node:net'

import { expect, onTestFinished, test } from 'vitest'

import { PortLeases } from '../../../src/lifecycle/process/port-leases.ts'
import { listen } from '../../support/listen.ts'

const host = '127.0.0.1'

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}

test('two starts at the same time never get the same port', async () => {
  const leases = new PortLeases()
  const all = await Promise.all(Array.from({ length: 50 }, () => leases.lease({ host })))
  expect(new Set(all.map(({ port }) => port)).size).toBe(50)
  await Promise.all(all.map((lease) => lease.release()))
})

test('a port is held until it is handed over, and nobody else gets it until it is released', async () => {
  const leases = new PortLeases()
  const lease = await leases.lease({ host })
  const { port } = lease
  expect(await canListen(port)).toBe(false)
  await lease.handOver()
  expect(await canListen(port)).toBe(true)
  await expect(leases.lease({ host, port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await lease.release()
  await lease.release()
  await (await leases.lease({ host, port })).release()
})

test('a port that somebody else has is refused when it must be that one, and passed over otherwise', async () => {
  const { port, close } = await listen(createServer())
  onTestFinished(close)
  await expect(new PortLeases().lease({ host, port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test('ports are outside of the range from which Linux takes those of connections: engines may bind late', async () => {
  const leases = new PortLeases()
  const all = await Promise.all(Array.from({ length: 10 }, () => leases.lease({ host })))
  expect(all.every(({ port }) => port >= 20_000 && port <= 32_767)).toBe(true)
  await Promise.all(all.map((lease) => lease.release()))
})

test('an address that this machine does not have is refused', async () => {
  await expect(new PortLeases().lease({ host: '203.0.113.9' })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
})
