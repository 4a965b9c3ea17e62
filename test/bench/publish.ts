import { mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'

import { systemClock } from '../../src/core/clock.ts'
import { silentLogger } from '../../src/core/logger.ts'
import { silentMetrics } from '../../src/core/metrics.ts'
import { Spool } from '../../src/events/spool/spool.ts'
import { SidePath } from '../../src/gateway/side/side-path.ts'
import { Remembered } from '../../src/gateway/request/memory/remembered.ts'
import { Remembering } from '../../src/gateway/request/memory/remembering.ts'
import { takeInBody } from '../../src/gateway/request/intake.ts'
import { readRequest } from '../../src/dialects/openai/read-request.ts'
import { StoreAccess } from '../../src/store/store-access.ts'
import type { StoreFamilies } from '../../src/store/open-store.ts'
import { fakeStore } from '../store/fake-store.ts'
import { MemoryBus } from '../support/memory-bus.ts'
import { memoryExchange } from '../support/memory-exchange.ts'

/**
 * node test/bench/publish.ts [COUNT]: what a request pays for being told of, in microseconds of the event loop.
 *
 * before the end marker   what its client waits for: from the engine's last byte to the turn in the kernel's hands, and the
 *                         call that notes the reply for the next request (not the wait for the store's answer)
 *   of which spool        JSON, checksum and write of what is new since the reply began
 *   of which note         the digest of the reply, and handing it to the store
 * while the engine works  all else: writing what is known before the reply, hearing each token
 * after the reply         the digest of what was sent, lineage
 * put off                 everything later: reading the spool, handing events to the bus (one that costs nothing), settling
 *
 * What is prepared and put off is counted in the processor's time of this thread, as an average; all else by the clock on
 * the wall, so that other work on the machine shows in the p99, as the collector of garbage does.
 *
 * In a busy gateway one turn ends right behind the other. From rest, 10 ms of idling come before every end, and code and
 * data have to come back to the processor first; the bare write shows what that does to a single call.
 */
const count = Number(process.argv[2] ?? 3_000)
const batch = 50
const restMs = 10
const fromRest = Math.min(count, 400)
const folder = mkdtempSync(join(tmpdir(), 'llmr-bench-publish-'))
const plainFile = openSync(join(folder, 'plain'), 'w')
const plainRecord = Buffer.alloc(1_200, 'x')
const memoryBus = new MemoryBus()
const bus = Object.assign(memoryBus.asBus(), { close: () => Promise.resolve() })
const store = new StoreAccess({
  open: async () => fakeStore(keptConversations()),
  clock: systemClock,
  logger: silentLogger,
})
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
let spoolUs = 0
let noteUs = 0
timeCalls(Spool.prototype, 'finish', (us) => (spoolUs += us))
timeCalls(Remembered.prototype, 'end', (us) => (noteUs += us))

interface Load {
  readonly rounds: number
  readonly tokens: number
  readonly isStream: boolean
  /** Earlier rounds are in the store. */
  readonly isKept: boolean
}

const loads: readonly (readonly [string, Load])[] = [
  ['one message, a reply of 100 tokens', { rounds: 0, tokens: 100, isStream: false, isKept: false }],
  ['one message, a stream of 100 tokens', { rounds: 0, tokens: 100, isStream: true, isKept: false }],
  ['ten rounds before it, 400 tokens streamed', { rounds: 10, tokens: 400, isStream: true, isKept: true }],
  ['200 rounds before it, 400 tokens streamed', { rounds: 200, tokens: 400, isStream: true, isKept: true }],
  ['the same, none of them kept before', { rounds: 200, tokens: 400, isStream: true, isKept: false }],
]
const stages = ['end', 'spool', 'note', 'during', 'after', 'putOff', 'all', 'bare'] as const
type Stage = (typeof stages)[number]
type Figures = Record<Stage, number[]>

const labels: Readonly<Record<Stage, string>> = {
  end: 'before the end marker',
  spool: '  of which spool',
  note: '  of which note',
  during: 'while the engine works',
  after: 'after the reply',
  putOff: 'put off, on average',
  all: 'all of the event loop',
  bare: 'a bare write of 1.2 kB',
}

for (const [name, load] of loads) {
  await run(name, load, { turns: 300, isBusy: true }) // until the code is compiled
  print(`${name}: busy, ${count} requests`, await run(name, load, { turns: count, isBusy: true }))
  print(`${name}: from rest, ${fromRest} requests`, await run(name, load, { turns: fromRest, isBusy: false }))
}
await side.close()
rmSync(folder, { recursive: true })

async function run(name: string, load: Load, { turns, isBusy }: { turns: number; isBusy: boolean }): Promise<Figures> {
  const figures = Object.fromEntries(stages.map((stage) => [stage, []])) as unknown as Figures
  for (let n = 0; n < turns; n += batch) {
    memoryBus.events.length = 0
    const asked = Array.from({ length: batch }, (_, at) => ask({ name: `${name}-${n + at}`, ...load }))
    let began = process.threadCpuUsage()
    await delay(20) // as long as an engine takes at least; what is prepared is prepared now
    const preparedUs = cpuUs(began) / batch
    const told: { end: number; during: number; after: number }[] = []
    for (const { hear, hearLast, end, tell } of asked) {
      const during = preparedUs + timed(hear)
      if (!isBusy) {
        await delay(restMs)
        figures.bare.push(timed(() => writeSync(plainFile, plainRecord)))
        await delay(restMs)
      }
      spoolUs = 0
      noteUs = 0
      const endUs = timed(hearLast) + timed(end)
      figures.spool.push(spoolUs)
      figures.note.push(noteUs)
      if (isBusy) figures.bare.push(timed(() => writeSync(plainFile, plainRecord)))
      told.push({ end: endUs, during, after: timed(tell) })
    }
    began = process.threadCpuUsage()
    await memoryBus.until(({ events }) => events.length >= 2 * batch)
    const sentUs = cpuUs(began) / batch
    for (const { end, during, after } of told) {
      figures.end.push(end)
      figures.during.push(during)
      figures.after.push(after)
      figures.putOff.push(sentUs)
      figures.all.push(end + during + after + sentUs)
    }
  }
  const began = process.threadCpuUsage()
  await delay(1_100) // they are settled, which is asked about once a second
  const settledUs = cpuUs(began) / turns
  const withSettling = (us: number): number => us + settledUs
  return { ...figures, putOff: figures.putOff.map(withSettling), all: figures.all.map(withSettling) }
}

function ask({ name, rounds, tokens, isStream, isKept }: Load & { name: string }) {
  const said = 'Say something about the weather, and then more of it, as plainly as you can. '
  const history = Array.from({ length: rounds }, (_, round) => [
    { role: 'user', content: `${said}${round}` },
    { role: 'assistant', content: `${said.repeat(4)}${round}` },
  ]).flat()
  const messages = [...history, { role: 'user', content: `${said}${name}` }]
  const body = Buffer.from(JSON.stringify({ model: 'm', stream: isStream, messages }))
  const { exchange } = memoryExchange({
    headers: isKept ? { 'x-llmr-conversation': 'kept' } : {},
    record: { requestId: `bench-${name}`, operation: 'chat' },
  })
  const request = readRequest({ contentType: 'application/json', body, query: '' })
  const intake = takeInBody({ exchange, operation: 'chat', request, body, contentType: 'application/json' })
  remembering.begin(exchange, intake)
  const witness = side.recorder.watch(exchange)
  if (witness === undefined) throw new Error('the bench asks for a turn that is kept')
  side.recorder.sent(exchange.record, body)
  const chunks = isStream ? streamOf(tokens) : [wholeOf(tokens)]
  return {
    hear: () => chunks.slice(0, -1).forEach((chunk) => witness.push(chunk)),
    hearLast: () => chunks.slice(-1).forEach((chunk) => witness.push(chunk)),
    end: () => void witness.end(),
    tell: () => side.tell(exchange.record),
  }
}

/** A store in which whoever names a conversation has one. */
function keptConversations(): Partial<StoreFamilies> {
  const found = { turns: [], keyed: { id: 'kept', sendsHistory: true, newestReply: null } }
  const conversations = {
    find: () => Promise.resolve(found),
    put: ({ requestId }: { requestId: string }) =>
      Promise.resolve({ conversation: 'kept', turn: requestId, reply: requestId }),
    end: () => Promise.resolve(),
  }
  const turns = { known: (ids: readonly string[]) => Promise.resolve(new Set(ids)) }
  return { conversations, turns } as unknown as Partial<StoreFamilies>
}

function streamOf(tokens: number): readonly Buffer[] {
  const event = (delta: object, finish: string | null): Buffer =>
    Buffer.from(
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`,
    )
  const words = Array.from({ length: tokens }, () => event({ content: ' word' }, null))
  return [...words, Buffer.concat([event({}, 'stop'), Buffer.from('data: [DONE]\n\n')])]
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

function timeCalls<Name extends string>(
  owner: { [name in Name]: (...given: never[]) => unknown },
  name: Name,
  told: (us: number) => void,
): void {
  const plain: unknown = owner[name]
  if (typeof plain !== 'function') throw new TypeError(`expected a method ${name}`)
  Object.defineProperty(owner, name, {
    value: function (this: unknown, ...given: unknown[]): unknown {
      const startedMs = performance.now()
      const result: unknown = Reflect.apply(plain, this, given)
      told((performance.now() - startedMs) * 1_000)
      return result
    },
  })
}

/** Of this thread, whatever else the machine does. */
function cpuUs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(since)
  return user + system
}

function print(title: string, figures: Figures): void {
  console.log(`\n${title}\n${'µs'.padEnd(26)}${['p50', 'p95', 'p99'].map((name) => name.padStart(8)).join('')}`)
  for (const stage of stages) {
    const values = figures[stage].toSorted((one, other) => one - other)
    const cells = [0.5, 0.95, 0.99].map((share) => (values[Math.floor(values.length * share)] ?? NaN).toFixed(0))
    console.log(`${labels[stage].padEnd(26)}${cells.map((cell) => cell.padStart(8)).join('')}`)
  }
}
