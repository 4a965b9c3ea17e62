import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'

import { openTestStore, pgliteAt, postgresqlAt } from '../integration/store/places.ts'
import { ask, chat, type EndingStore } from '../support/memory/memory-client.ts'

/**
 * node test/bench/identity.ts [PER_SECOND] [SECONDS] [CHATS]: how long requests wait for their place, which is what it adds to
 * their first byte where routing takes no time, and how long an end marker is held, with so many requests a second begun
 * whether those before are done or not. Chats of up to eight turns, sent whole; before it so many chats are stored. On the
 * database of `DATABASE_URL`, else on the embedded one. The machine's own pace is the last line.
 */
const [perSecond = 100, seconds = 10, stored = 500] = process.argv.slice(2).map(Number)
const turnsMax = 8
const databaseUrl = process.env['DATABASE_URL']
const folder = mkdtempSync(join(tmpdir(), 'llmr-bench-identity-'))
const opened = await openTestStore(databaseUrl === undefined ? pgliteAt(folder) : postgresqlAt(databaseUrl))
const times = { find: [] as number[], put: [] as number[], place: [] as number[], end: [] as number[] }
// As a gateway asks it: for one tenant, its statements prepared.
const { conversations } = opened.within('bench')
const scope = { tenant: 'bench', principal: `${process.pid}` }
let chats = 0

for (let n = 0; n < stored; n++) await oneChat(() => Promise.resolve(), turnsMax)
for (const list of Object.values(times)) list.length = 0

const startedMs = performance.now()
const running: Promise<void>[] = []
for (let n = 0; n < perSecond * seconds; n += turnsMax) {
  await later(Math.max(0, startedMs + (n * 1_000) / perSecond - performance.now()))
  // The turns of a chat are a second apart, so that in the mean so many requests begin each second.
  running.push(oneChat(() => later(1_000 / turnsMax), turnsMax))
}
await Promise.all(running)

console.log(`${opened.engine}, ${perSecond} requests/s for ${seconds} s, ${stored * turnsMax} turns stored before; ms`)
console.log(`${''.padEnd(38)}${['p50', 'p95', 'p99', 'max'].map((name) => name.padStart(9)).join('')}`)
print('place (what the first byte waits for)', times.place)
print('  of it the look-up', times.find)
print('  of it the writing', times.put)
print('end marker held', times.end)
print('a timer of 5 ms, too late by', await timerDelays())
await opened.close()
rmSync(folder, { recursive: true })

async function oneChat(pause: () => Promise<unknown>, turns: number): Promise<void> {
  const number = ++chats
  const texts: string[] = []
  for (let turn = 0; turn < turns; turn++) {
    texts.push(turn === 0 ? 'hi' : `question ${turn} of ${number % 50}`)
    const reply = `Answer ${number} to question ${turn}. ${'It is a longer one. '.repeat(number % 6)}`
    let waited = 0
    const store = {
      find: (...call: Parameters<EndingStore['find']>) =>
        time(
          'find',
          () => conversations.find(...call),
          (ms) => (waited += ms),
        ),
      put: (...call: Parameters<EndingStore['put']>) =>
        time(
          'put',
          () => conversations.put(...call),
          (ms) => (waited += ms),
        ),
      end: (...call: Parameters<EndingStore['end']>) => time('end', () => conversations.end(...call)),
    }
    await ask(store, { scope, messages: chat(...texts), reply })
    times.place.push(waited)
    texts.push(reply)
    await pause()
  }
}

async function time<Value>(
  what: 'find' | 'put' | 'end',
  work: () => Promise<Value>,
  tell?: (ms: number) => void,
): Promise<Value> {
  const startedAtMs = performance.now()
  const value = await work()
  const ms = performance.now() - startedAtMs
  times[what].push(ms)
  tell?.(ms)
  return value
}

async function timerDelays(): Promise<number[]> {
  const delays: number[] = []
  for (let n = 0; n < 200; n++) {
    const startedAtMs = performance.now()
    await later(5)
    delays.push(performance.now() - startedAtMs - 5)
  }
  return delays
}

function print(name: string, values: number[]): void {
  values.sort((one, other) => one - other)
  const cells = [0.5, 0.95, 0.99, 1].map((share) =>
    (values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN).toFixed(2).padStart(9),
  )
  console.log(`${name.padEnd(38)}${cells.join('')}`)
}
