import { join } from 'node:path'

import { expect, test } from 'vitest'

import type { Bus, DeadLetter } from '../../../src/core/bus.ts'
import { leftStanding } from '../../../src/events/spool/left-standing.ts'
import { postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { runLlmr } from '../../support/run-llmr.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { fakeStore } from '../../store/fake-store.ts'
import { MemoryBus } from '../../support/memory-bus.ts'

const keep = closeAfterEach()

const letter: DeadLetter = {
  id: '12',
  consumer: 'persist',
  event: { id: 'r/persist', subject: 's', headers: {}, body: { said: 'secret words' } },
  reason: 'expected a text',
  attempts: 3,
  buriedAtMs: 0,
}

/** A gateway that holds the store of its data folder; of the bus it is known what an operator asks. */
async function holdingGateway(yaml = '', mode: MemoryBus['mode'] = 'takes') {
  const memoryBus = new MemoryBus()
  memoryBus.mode = mode
  const dataDirectory = temporaryFolder()
  const redriven: string[] = []
  const asked: Partial<Bus> = {
    consumers: () => Promise.resolve([{ name: 'persist', backlog: { waiting: 7, lent: 1, oldestMs: 1_500 } }]),
    deadLetters: (most) => Promise.resolve(most > 0 ? [letter] : []),
    redrive: (id) => Promise.resolve(id === '12' && redriven.push(id) > 0),
  }
  const bus = Object.assign(memoryBus.asBus(), asked, { close: () => Promise.resolve() })
  const gateway = keep(
    await startTestGateway(yaml, {
      dataDirectory,
      openStore: () => Promise.resolve(fakeStore()),
      side: { workers: () => [], openBroker: () => Promise.resolve(bus) },
    }),
  )
  const llmr = (...args: readonly string[]) => runLlmr([...args, '--data', dataDirectory])
  return { gateway, llmr, redriven, dataDirectory }
}

test('while a gateway holds the embedded store, it says what waits and what was put aside, and has that done again', async () => {
  const { gateway, llmr, redriven } = await holdingGateway()
  const stats = await llmr('events', 'stats', '--json')
  expect(JSON.parse(stats.stdout)).toMatchObject({
    consumers: [{ consumer: 'persist', waiting: 7, lent: 1, oldest_ms: 1_500, dead_letters: 1 }],
  })
  const letters = await llmr('events', 'dead-letters')
  expect(letters.stdout).toContain('expected a text')
  const page = await fetch(`${gateway.url}/llmr/v1/events/dead-letters`)
  expect(await page.text()).not.toContain('secret words')
  expect((await llmr('events', 'redrive', '12')).code).toBe(0)
  expect(redriven).toEqual(['12'])
  expect((await llmr('events', 'redrive', '13')).code).toBe(1)
})

test('what the spool holds is said by its gateway, with what it had to drop, and by its files when none runs', async () => {
  const { gateway, llmr, dataDirectory } = await holdingGateway('{ memory: on, events: { spool: 12KiB } }', 'fails')
  const asked: number[] = []
  for (let n = 0; n < 12; n++) asked.push((await postChat(gateway.url)).status)
  expect(new Set(asked)).toEqual(new Set([200]))
  const running = JSON.parse((await llmr('events', 'stats', '--json')).stdout) as { spool: Record<string, unknown> }
  const { entries, dropped } = running.spool as { entries: number; dropped: { turns: number; lineage: number } }
  expect(dropped.turns).toBeGreaterThan(0)
  expect(entries + dropped.turns + dropped.lineage).toBe(24)
  expect(running.spool).toMatchObject({ bytes: expect.any(Number), oldest_ms: expect.any(Number) })
  expect((await llmr('events', 'stats')).stdout).toMatch(
    /spool +unsent +bytes +oldest +dropped turns +dropped lineage/i,
  )
  const { bytes } = running.spool
  await gateway.close()
  expect(leftStanding(join(dataDirectory, 'spool'), Date.now())).toMatchObject({ entries, waiting: entries, bytes })
})

test('llmr flow show draws a request that has just ended, and every one of its correlation id', async () => {
  const { gateway, llmr } = await holdingGateway('models: { alias: { upstream: simulated } }')
  for (const model of ['alias', 'simulated']) {
    const headers = { 'x-correlation-id': 'my-run' }
    await (await postChat(gateway.url, { model }, { headers })).arrayBuffer()
  }
  const { code, stdout } = await llmr('flow', 'show', 'my-run')
  expect(code).toBe(0)
  const trees = stdout.trim().split('\n\n')
  expect(trees).toHaveLength(2)
  expect(trees[0]).toMatch(/^[0-9a-f-]{36} {2}\S+Z {2}anonymous\n {2}correlation my-run\nrequest {2}/)
  expect(trees[0]).toMatch(/└─ classify {2}user\n {3}└─ route {2}named\n {6}└─ generate {2}simulated simulated {2}/)
  const { stdout: json } = await llmr('flow', 'show', 'my-run', '--json')
  expect(JSON.parse(json)).toMatchObject({ schema: 'llmr/flow-show/1', flows: [{ correlationId: 'my-run' }, {}] })
  const { stdout: graph } = await llmr('flow', 'show', 'my-run', '--mermaid')
  expect(graph).toMatch(/^flowchart TD\n {2}s0\["request/)
  const nobody = await llmr('flow', 'show', 'no-such')
  expect(nobody.code).toBe(1)
  expect(nobody.stderr).toContain('Nothing is known of a request no-such')
})

test('what people said is exported by nobody without a key', async () => {
  const { gateway } = await holdingGateway()
  const reply = await fetch(`${gateway.url}/llmr/v1/export?table=turns&from=0&to=1`)
  expect(reply.status).toBe(403)
})
