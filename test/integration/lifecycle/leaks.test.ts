import { readdirSync } from 'node:fs'
import { createServer } from 'node:net'

import { expect, onTestFinished, test } from 'vitest'

import { readGroup } from '../../../src/lifecycle/process/process-table.ts'
import { engine, quickEngine, supervise } from './engines.ts'

test('a hundred starts, stops and kills leave no process, no port, no file descriptor and nothing written down', async () => {
  const names = Array.from({ length: 10 }, (_, index) => `model-${index}`)
  const stop = { signal: 'SIGTERM', timeoutMs: 5_000 } as const
  const supervisor = await supervise(
    names.map((name, index) => (index === 0 ? engine('ready.mjs', { name, stop }) : quickEngine({ name, stop }))),
  )
  const pids = new Set<number>()
  const ports = new Set<number>()
  const outcomes: string[] = []
  const round = async (name: string, count: number): Promise<void> => {
    const waiting = supervisor.ensureReady(name)
    if (count % 3 === 2) {
      // A stop right into the start.
      const [outcome] = await Promise.allSettled([waiting, supervisor.stop(name)])
      outcomes.push(outcome.status)
      return
    }
    const { pid, plan } = await waiting
    pids.add(pid)
    ports.add(plan.port)
    if (count % 3 === 0) process.kill(pid, 'SIGKILL')
    await supervisor.stop(name)
  }
  const rounds = async (name: string): Promise<void> => {
    for (let count = 0; count < 10; count++) await round(name, count)
  }
  await round('model-0', 1)
  await round('model-1', 1)
  const before = openFiles()
  await Promise.all(names.map(rounds))

  expect([...pids].flatMap(readGroup)).toEqual([])
  await expect.poll(openFiles).toBeLessThanOrEqual(before)
  expect(readdirSync(`${supervisor.dataDirectory}/engines`)).toEqual([])
  expect(supervisor.status().every(({ phase }) => phase === 'stopped' || phase === 'failed')).toBe(true)
  await Promise.all(Array.from(ports, canListen))
  expect(new Set(outcomes)).toEqual(new Set(['rejected']))
  expect(pids.size).toBeGreaterThan(60)
})

function openFiles(): number {
  return readdirSync('/proc/self/fd').length
}

function canListen(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    onTestFinished(() => void server.close())
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve())
  })
}
