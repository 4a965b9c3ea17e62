import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import type { ManagedModel, ResidencyPlan } from '../../src/gateway/fleet/residency-plan.ts'
import type { Residency } from '../../src/gateway/fleet/residency.ts'
import { residencyOf, simulatedModel } from '../support/simulated-profile.ts'
import { startTestGateway, type TestGateway } from '../support/start-gateway.ts'
import { ask, type Outcome, type Question } from './ask.ts'
import { enginePids, engineProgram, openFiles } from './engine-processes.ts'
import { createRandom, type Random } from './random.ts'

export interface ChaosOptions {
  /** Loads after which it stops. */
  readonly swaps: number
  /** Decides what every client and the saboteur do, and in which order; the machine decides how that interleaves. */
  readonly seed: number
  readonly clients?: number
  readonly roomFor?: number
  /** The gateway is closed under its clients, instead of when all is quiet. */
  readonly isClosedAmidst?: boolean
}

export interface ChaosReport {
  /** What must not be; empty when all is well. */
  readonly problems: readonly string[]
  readonly swaps: number
  /** How often each thing was done, and how each request ended. */
  readonly counts: Readonly<Record<string, number>>
  readonly durationMs: number
  /** In use after the gateway was closed, and at the start. */
  readonly openFiles: { readonly before: number; readonly after: number }
  /** In use after a collection, less the log that the test keeps: after a tenth of the swaps, and when all was quiet. */
  readonly heapBytes: { readonly early: number; readonly late: number }
}

const names = ['a', 'b', 'c', 'd', 'e'] as const
const queueTimeoutMs = 15_000
/** More than any wait that the gateway allows. */
const requestTimeoutMs = 40_000
const quietTimeoutMs = 40_000
const pollMs = 10
/** What the runtime opens for itself when it is first used, however long the run. */
const filesAllowed = 3

/** Clients that come and go, and somebody who kills, unloads, pins and reconfigures; then a look at what is left. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { swaps, seed, clients = 12, roomFor = 2, isClosedAmidst = false } = options
  const startedAtMs = performance.now()
  const mark = randomUUID()
  const dataDirectory = mkdtempSync(join(tmpdir(), 'llmr-chaos-'))
  const before = openFiles()
  const gateway = await startTestGateway('listen: { shutdown_timeout: 5s }', {
    residency: planOf({ mark, roomFor, generation: 0 }),
    dataDirectory,
  })
  const chaos = new Chaos({ gateway, mark, roomFor, swaps, isClosedAmidst })
  try {
    const everybody = Promise.all([
      ...Array.from({ length: clients }, (_, index) => chaos.beClient(createRandom(seed * 1_000 + index))),
      chaos.beSaboteur(createRandom(seed * 1_000 + 999)),
    ])
    if (isClosedAmidst) {
      await chaos.over
      await gateway.close()
    }
    await everybody
    if (!isClosedAmidst) await chaos.expectQuiet()
    chaos.heapBytes.late = chaos.measureHeap()
  } finally {
    await gateway.close()
  }
  await chaos.expectNothingLeft({ dataDirectory, filesMax: before + filesAllowed })
  rmSync(dataDirectory, { recursive: true, force: true })
  return {
    problems: chaos.problems,
    swaps: chaos.swaps,
    counts: Object.fromEntries([...chaos.counts].toSorted(([one], [other]) => one.localeCompare(other))),
    durationMs: performance.now() - startedAtMs,
    openFiles: { before, after: openFiles() },
    heapBytes: chaos.heapBytes,
  }
}

interface ChaosParts {
  readonly gateway: TestGateway
  readonly mark: string
  readonly roomFor: number
  readonly swaps: number
  readonly isClosedAmidst: boolean
}

class Chaos {
  readonly problems: string[] = []
  readonly counts = new Map<string, number>()
  readonly heapBytes = { early: 0, late: 0 }
  readonly #parts: ChaosParts
  readonly #pending = new Set<Promise<void>>()
  readonly #over = Promise.withResolvers<void>()
  #generation = 0
  #logLinesRead = 0
  #swaps = 0

  constructor(parts: ChaosParts) {
    this.#parts = parts
  }

  get swaps(): number {
    const { log } = this.#parts.gateway
    for (; this.#logLinesRead < log.length; this.#logLinesRead++) {
      const line = log[this.#logLinesRead]
      if (line?.['msg'] === 'a model is loaded') this.#swaps++
    }
    return this.#swaps
  }

  /** Resolves when enough has been done, or something went wrong: nobody begins anything more. */
  get over(): Promise<void> {
    return this.#over.promise
  }

  get #isOver(): boolean {
    const isOver = this.swaps >= this.#parts.swaps || this.problems.length > 0
    if (isOver) this.#over.resolve()
    return isOver
  }

  async beClient(random: Random): Promise<void> {
    while (!this.#isOver) {
      const question = questionOf(random, this.#parts.gateway.url)
      this.#countOutcome(await ask(question))
      if (random.isTrue(0.3)) await delay(random.integer(0, 100))
    }
  }

  async beSaboteur(random: Random): Promise<void> {
    while (!this.#isOver) {
      await delay(random.integer(10, 250))
      this.#expectWithinBudget()
      if (this.heapBytes.early === 0 && this.swaps >= this.#parts.swaps / 10) this.heapBytes.early = this.measureHeap()
      await this.#sabotage(random)
    }
    await Promise.all(this.#pending)
  }

  /** Each line of the log is kept twice, as text of one byte a character and as an object of about twice its size. */
  measureHeap(): number {
    const collect: unknown = Reflect.get(globalThis, 'gc')
    if (typeof collect === 'function') collect()
    return process.memoryUsage().heapUsed - 3 * this.#parts.gateway.logText().length
  }

  /** Once every client has its answer nothing may be at work, and what runs is what the gateway knows to run. */
  async expectQuiet(): Promise<void> {
    const isQuiet = (): boolean => this.#unrest().length === 0
    await within(quietTimeoutMs, isQuiet)
    this.problems.push(...this.#unrest())
  }

  async expectNothingLeft(limits: { readonly dataDirectory: string; readonly filesMax: number }): Promise<void> {
    const { dataDirectory, filesMax } = limits
    await within(2_000, () => openFiles() <= filesMax)
    const engines = enginePids(this.#parts.mark)
    if (engines.length > 0) this.#wrong(`engines outlived the gateway: ${engines.join(' ')}`)
    const files = openFiles()
    if (files > filesMax) this.#wrong(`${files} open files, ${filesMax} at the start`)
    const servers = process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap')
    if (servers.length > 0) this.#wrong(`${servers.length} listeners are left`)
    const journal = readdirSync(join(dataDirectory, 'engines'))
    if (journal.length > 0) this.#wrong(`still written down as running: ${journal.join(' ')}`)
    for (const { level, msg, err } of this.#parts.gateway.log) {
      const isExpected = msg === 'an engine ended unasked' || msg === 'a model could not be loaded'
      if ((level === 'error' || level === 50) && !isExpected) this.#wrong(`logged: ${JSON.stringify({ msg, err })}`)
    }
  }

  #expectWithinBudget(): void {
    const { mark, roomFor } = this.#parts
    for (const { name, usedBytes, sizeBytes } of this.#residency.snapshot().pools) {
      if (usedBytes > sizeBytes) this.#wrong(`${usedBytes} of ${sizeBytes} in ${name}`)
    }
    const engines = enginePids(mark)
    if (engines.length > roomFor) this.#wrong(`${engines.length} engines in room for ${roomFor}`)
  }

  async #sabotage(random: Random): Promise<void> {
    const residency = this.#residency
    const model = random.pick(names)
    const draw = random.next()
    if (draw < 0.15) this.#kill(random)
    else if (draw < 0.45) this.#start('unload', residency.unload(random.isTrue(0.2) ? undefined : model))
    else if (draw < 0.6) this.#start('load', residency.entrance.load(model))
    else if (draw < 0.7) this.#pin(random.isTrue(0.5) ? 0 : random.integer(1, 500), model)
    else if (draw < 0.75) await this.#reconfigure(random)
    // Else it only looked.
  }

  #kill(random: Random): void {
    const [first, ...others] = this.#residency
      .status()
      .flatMap(({ pid, phase }) => (pid === undefined ? [] : { pid, phase }))
    if (first === undefined) return
    const { pid, phase } = random.pick([first, ...others])
    try {
      process.kill(pid, 'SIGKILL')
      this.#count(`kill while ${phase}`)
    } catch {
      this.#count('kill too late')
    }
  }

  #pin(forMs: number, model: string): void {
    this.#count('pin')
    if (this.#residency.managed.has(model)) this.#residency.pin(model, forMs)
  }

  async #reconfigure(random: Random): Promise<void> {
    this.#count('reconfigure')
    const { gateway, mark, roomFor } = this.#parts
    const without = random.isTrue(0.3) ? random.pick(names) : undefined
    await gateway.reconfigure(
      'listen: { shutdown_timeout: 5s }',
      planOf({ mark, roomFor, generation: ++this.#generation, without }),
    )
  }

  /** Its end is waited for at the end of all: whatever an operator asks for must end as well. */
  #start(what: string, work: Promise<void>): void {
    this.#count(what)
    const bound = delay(requestTimeoutMs, 'late' as const, { ref: false })
    const ended = Promise.race([work.then(noNews, noNews), bound]).then((late) => {
      if (late === 'late') this.#wrong(`${what}: no end within ${requestTimeoutMs} ms`)
      this.#pending.delete(ended)
    })
    this.#pending.add(ended)
  }

  #unrest(): readonly string[] {
    const { gateway, mark } = this.#parts
    const { queue, models, swaps } = this.#residency.snapshot()
    const engines = enginePids(mark)
    const known = this.#residency.status().flatMap(({ pid }) => pid ?? [])
    return [
      ...queue.map(({ requestId, model }) => `${requestId} still waits for ${model}`),
      ...models.flatMap(({ name, running }) => (running > 0 ? `${running} at work on ${name}` : [])),
      ...models.flatMap(({ name, phase }) => (phase === 'ready' || phase === 'absent' ? [] : `${name} is ${phase}`)),
      ...models.flatMap(({ name, phase }) =>
        (phase === 'ready') === this.#residency.isLoaded(name) ? [] : `${name} is ${phase}, and its process is not`,
      ),
      ...swaps.map(({ target }) => `a swap to ${target} is under way`),
      ...engines.flatMap((pid) => (known.includes(pid) ? [] : `engine ${pid} belongs to nobody`)),
      ...known.flatMap((pid) => (engines.includes(pid) ? [] : `engine ${pid} has ended, and nobody knows`)),
      ...gateway.fleet.all.flatMap((backend) => {
        const { inflight } = backend.standing()
        return inflight === 0 ? [] : `${inflight} requests in flight to ${backend.settings.name}`
      }),
    ]
  }

  #countOutcome(outcome: Outcome): void {
    if (outcome.kind === 'wrong' || (outcome.kind === 'unheard' && !this.#parts.isClosedAmidst)) {
      this.#wrong(outcome.problem)
    }
    this.#count('code' in outcome ? `${outcome.kind}: ${outcome.code}` : outcome.kind)
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
  }

  #wrong(problem: string): void {
    if (this.problems.length < 20) this.problems.push(problem)
  }

  get #residency(): Residency {
    const residency = this.#parts.gateway.residency()
    if (residency === undefined) throw new Error('a gateway with profiles has a residency')
    return residency
  }
}

function noNews(): undefined {
  return undefined
}

function questionOf(random: Random, url: string): Question {
  const leave = random.pick([
    undefined,
    undefined,
    { afterMs: random.integer(0, 5) },
    { afterMs: random.integer(0, 600) },
    { afterChunks: random.integer(1, 10) },
  ])
  return {
    url,
    model: random.pick(names),
    isStream: random.isTrue(0.6),
    maxTokens: random.integer(1, 40),
    ...(leave !== undefined && { leave }),
    timeoutMs: requestTimeoutMs,
  }
}

interface PlanFacts {
  readonly mark: string
  readonly roomFor: number
  /** Every third model's command has it, so that a reconfiguration makes that one outdated. */
  readonly generation: number
  /** Taken out of the configuration. */
  readonly without?: string | undefined
}

function planOf({ mark, roomFor, generation, without }: PlanFacts): ResidencyPlan {
  const models = names
    .filter((name) => name !== without)
    .map((name, index) => chaosModel(name, [mark, String(index % 3 === 0 ? generation : 0)]))
  return { ...residencyOf(models, roomFor), queueTimeoutMs }
}

function chaosModel(name: string, words: readonly string[]): ManagedModel {
  const model = simulatedModel(name)
  const { planFor } = model.launch
  const command = (port: number): readonly [string, ...string[]] => [
    process.execPath,
    engineProgram,
    String(port),
    name,
    '20',
    '1',
    ...words,
  ]
  return { ...model, launch: { ...model.launch, planFor: (port) => ({ ...planFor(port), argv: command(port) }) } }
}

/** True as soon as it is; there is no event for the end of a process tree or of a socket. */
async function within(timeoutMs: number, isTrue: () => boolean): Promise<boolean> {
  const untilMs = performance.now() + timeoutMs
  while (!isTrue()) {
    if (performance.now() > untilMs) return false
    await delay(pollMs)
  }
  return true
}
