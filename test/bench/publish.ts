import { mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '../../src/core/clock.ts'
import { silentLogger } from '../../src/core/logger.ts'
import { silentMetrics } from '../../src/core/metrics.ts'
import { SidePath } from '../../src/gateway/side/side-path.ts'
import { Remembering } from '../../src/gateway/request/memory/remembering.ts'
import { takeInBody } from '../../src/gateway/request/intake.ts'
import { readRequest } from '../../src/dialects/openai/read-request.ts'
import { StoreAccess } from '../../src/store/store-access.ts'
import { fakeStore } from '../store/fake-store.ts'
import { MemoryBus } from '../support/memory-bus.ts'
import { memoryExchange } from '../support/memory-exchange.ts'

/**
 * node test/bench/publish.ts [COUNT]: what a request pays for being told of, from making the event to its bytes in the
 * kernel's hands. `before the end marker` is what its client waits for, `after` is the lineage.
 */
const count = Number(process.argv[2] ?? 3_000)
const batch = 50
const folder = mkdtempSync(join(tmpdir(), 'llmr-bench-publish-'))
const plainFile = openSync(join(folder, 'plain'), 'w')
const bus = Object.assign(new MemoryBus().asBus(), { close: () => Promise.resolve() })
const store = new StoreAccess({ open: async () => fakeStore(), clock: systemClock, logger: silentLogger })
const keepMs = (): number => 86_400_000
const remembering = new Remembering({ mode: 'on', store, keepMs, metrics: silentMetrics, clock: systemClock })
const side = new SidePath({
  remembering,
  openBroker: () => Promise.resolve(bus),
  store,
  workers: () => [],
  dataDirectory: folder,
  spoolBytesMax: 4 * 1024 ** 3,
  instanceId: 'bench',
  clock: systemClock,
  logger: silentLogger,
})

console.log(`µs, of ${count} requests each`)
console.log(`${'request'.padEnd(44)}${['p50', 'p95', 'p99'].map((name) => name.padStart(9)).join('')}`)
for (const [name, rounds, tokens, stream] of [
  ['one message, a reply of 100 tokens', 0, 100, false],
  ['one message, a stream of 100 tokens', 0, 100, true],
  ['ten rounds before it, a stream of 400 tokens', 10, 400, true],
  ['200 rounds before it, a stream of 400 tokens', 200, 400, true],
] as const) {
  const before: number[] = []
  const after: number[] = []
  const bare: number[] = []
  for (let n = 0; n < count; n += batch) {
    const told = Array.from({ length: batch }, (_, at) => tellOf({ n: n + at, rounds, tokens, stream }))
    // As long as an engine takes at least.
    await new Promise((resolve) => setTimeout(resolve, 20))
    for (const { end } of told) before.push(timed(end))
    for (const { tell } of told) after.push(timed(tell))
    for (const { record } of told) bare.push(timed(() => writeSync(plainFile, record)))
  }
  print(`${name}: before the end marker`, before)
  print('   after', after)
  print('   a bare write of 1.2 kB, for comparison', bare)
}
await side.close()
rmSync(folder, { recursive: true })

function tellOf({ n, rounds, tokens, stream }: { n: number; rounds: number; tokens: number; stream: boolean }) {
  const said = 'Say something about the weather, and then more of it, as plainly as you can. '
  const history = Array.from({ length: rounds }, (_, round) => [
    { role: 'user', content: `${said}${round}` },
    { role: 'assistant', content: `${said.repeat(4)}${round}` },
  ]).flat()
  const messages = [...history, { role: 'user', content: `${said}${n}` }]
  const body = Buffer.from(JSON.stringify({ model: 'm', stream, messages }))
  const { exchange } = memoryExchange({
    record: { requestId: `bench-${name(rounds, tokens, stream)}-${n}`, operation: 'chat' },
  })
  const request = readRequest({ contentType: 'application/json', body, query: '' })
  const intake = takeInBody({ exchange, operation: 'chat', request, body, contentType: 'application/json' })
  remembering.begin(exchange, intake)
  const witness = side.recorder.watch(exchange)
  if (witness === undefined) throw new Error('the bench asks for a turn that is kept')
  for (const chunk of stream ? streamOf(tokens) : [wholeOf(tokens)]) witness.push(chunk)
  return { end: () => witness.end(), tell: () => side.tell(exchange.record), record: Buffer.alloc(1_200, 'x') }
}

function name(...parts: readonly (string | number | boolean)[]): string {
  return parts.join('-')
}

function streamOf(tokens: number): readonly Buffer[] {
  const event = (delta: object, finish: string | null): Buffer =>
    Buffer.from(
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`,
    )
  const words = Array.from({ length: tokens }, () => event({ content: ' word' }, null))
  return [...words, event({}, 'stop'), Buffer.from('data: [DONE]\n\n')]
}

function wholeOf(tokens: number): Buffer {
  const message = { role: 'assistant', content: ' word'.repeat(tokens) }
  return Buffer.from(JSON.stringify({ id: 'c', model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }] }))
}

function timed(work: () => void): number {
  const startedMs = performance.now()
  work()
  return (performance.now() - startedMs) * 1_000
}

function print(name: string, values: number[]): void {
  values.sort((one, other) => one - other)
  const cells = [0.5, 0.95, 0.99].map((share) =>
    (values[Math.floor(values.length * share)] ?? NaN).toFixed(0).padStart(9),
  )
  console.log(`${name.padEnd(44)}${cells.join('')}`)
}
