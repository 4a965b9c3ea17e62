import { setTimeout as delay } from 'node:timers/promises'

import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'

import { pipelineStream } from '../../../src/events/jetstream/streams.ts'
import { createRandom, type Random } from '../random.ts'
import { converse, type Reply } from './converse.ts'
import { plant, type Planted, plantedEvents, withBus } from './planted.ts'
import { setStage, type Stage } from './stage.ts'
import type { Victim } from './victim.ts'
import { whatIsKept } from './what-is-kept.ts'

export interface EventsChaosOptions {
  /** Replies that clients have seen to their end, after which it stops. Each is two events: the turn, and its lineage. */
  readonly turns: number
  /** Decides what is killed in which order, and what clients say; the machine decides how that interleaves. */
  readonly seed: number
  readonly clients: number
  /** Of each of gateway, workers, NATS and PostgreSQL. */
  readonly killsEach: number
  /** How long PostgreSQL is away once, and NATS hangs once. */
  readonly outageMs: number
  readonly poison: number
  readonly note: (line: string) => void
}

export interface EventsChaosReport {
  /** What must not be; empty when all is well. */
  readonly problems: readonly string[]
  readonly figures: readonly (readonly [what: string, value: string | number])[]
  /** Where the logs are, when something went wrong. */
  readonly folder: string
}

const quietTimeoutMs = 180_000
const pollMs = 500

/** Clients that talk, somebody who kills whatever he meets, and then a look at what is left. */
export async function runEventsChaos(options: EventsChaosOptions): Promise<EventsChaosReport> {
  const stage = await setStage()
  const chaos = new EventsChaos(options, stage)
  let isWell = false
  try {
    await chaos.play()
    await chaos.settle()
    await chaos.judge()
    isWell = chaos.problems.length === 0
  } finally {
    await stage.close({ keepsFolder: !isWell })
  }
  return { problems: chaos.problems, figures: chaos.figures(), folder: stage.folder }
}

class EventsChaos {
  readonly problems: string[] = []
  readonly #options: EventsChaosOptions
  readonly #stage: Stage
  readonly #planted: Planted
  /** What the client heard, by the id of the request. */
  readonly #acknowledged = new Map<string, string>()
  readonly #tookMs: number[] = []
  #refused = 0
  #broken = 0
  #said = 0
  #isSabotaged = false
  #playedMs = 0
  #settledMs = 0

  constructor(options: EventsChaosOptions, stage: Stage) {
    this.#options = options
    this.#stage = stage
    this.#planted = plantedEvents({ poison: options.poison, later: options.poison })
  }

  async play(): Promise<void> {
    const { seed, clients, note } = this.#options
    const { gatewayUrl, natsUrl } = this.#stage
    const startedMs = performance.now()
    const random = (who: number): Random => createRandom(seed * 1_000 + who)
    const sabotage = this.#sabotage(random(999)).finally(() => {
      this.#isSabotaged = true
    })
    const planting = plant([...this.#planted.poison, ...this.#planted.later], {
      natsUrl,
      random: random(998),
      pause: () => delay(100),
    })
    const talks = Array.from({ length: clients }, (_, client) =>
      converse({
        url: gatewayUrl,
        random: random(client),
        words: () => `client ${client} says number ${this.#said++} of run ${seed}`,
        isOver: () => this.#isSabotaged && this.#acknowledged.size >= this.#options.turns,
        onReply: (reply) => this.#heard(reply),
      }),
    )
    await Promise.all([sabotage, planting, ...talks])
    this.#playedMs = performance.now() - startedMs
    note(`${this.#acknowledged.size} turns acknowledged in ${seconds(this.#playedMs)}`)
  }

  /** Until nothing waits anywhere. What was planted and has been lost with the stream is planted again, as a spool would. */
  async settle(): Promise<void> {
    const startedMs = performance.now()
    let unrest = ['not looked yet']
    while (unrest.length > 0 && performance.now() - startedMs < quietTimeoutMs) {
      await delay(pollMs)
      unrest = await this.#unrest().catch((error: unknown) => [String(error)])
    }
    this.#settledMs = performance.now() - startedMs
    this.problems.push(...unrest.map((what) => `after ${seconds(quietTimeoutMs)} there is still ${what}`))
  }

  async judge(): Promise<void> {
    const { replies, twice } = await whatIsKept(this.#stage.databaseUrl)
    const lost = [...this.#acknowledged.keys()].filter((id) => !replies.has(id))
    if (lost.length > 0) this.problems.push(`${lost.length} acknowledged turns are lost, such as ${lost[0]}`)
    if (twice.length > 0) this.problems.push(`${twice.length} turns are kept twice, such as ${twice[0]}`)
    const wrong = [...this.#acknowledged].filter(([id, text]) => replies.has(id) && replies.get(id) !== text)
    if (wrong.length > 0) this.problems.push(`${wrong.length} turns are kept in other words, such as ${wrong[0]?.[0]}`)
    const missed = this.#planted.later.filter(({ id }) => !replies.has(id.slice(0, id.indexOf('/'))))
    if (missed.length > 0) this.problems.push(`${missed.length} events of a later version were not kept by its worker`)
    await this.#judgeDeadLetters()
  }

  figures(): EventsChaosReport['figures'] {
    const { gateway, nats, postgres, workers } = this.#stage
    const took = this.#tookMs.toSorted((one, other) => one - other)
    return [
      ['turns acknowledged', this.#acknowledged.size],
      ['requests refused', this.#refused],
      ['replies cut by a kill', this.#broken],
      ...[gateway, ...workers, nats, postgres].map(({ name, kills }) => [`kill -9 of ${name}`, kills] as const),
      ['poison, all of it put aside', this.#planted.poison.length],
      ['turns a second', Math.round(this.#acknowledged.size / (this.#playedMs / 1_000))],
      ['reply p50 ms', Math.round(took[Math.floor(took.length * 0.5)] ?? 0)],
      ['reply p99 ms', Math.round(took[Math.floor(took.length * 0.99)] ?? 0)],
      ['backlog drained after s', (this.#settledMs / 1_000).toFixed(1)],
    ]
  }

  #heard(reply: Reply): void {
    if (reply.kind === 'whole') {
      this.#acknowledged.set(reply.requestId, reply.text)
      this.#tookMs.push(reply.tookMs)
    } else if (reply.kind === 'refused') {
      if (this.#refused === 0) this.problems.push(`a request was refused: ${reply.status} ${reply.body}`)
      this.#refused += 1
    } else this.#broken += 1
  }

  async #sabotage(random: Random): Promise<void> {
    const { killsEach, turns } = this.#options
    const { gateway, nats, postgres, workers } = this.#stage
    const deeds: (() => Promise<void>)[] = []
    for (let n = 0; n < killsEach; n++) {
      deeds.push(
        ...[gateway, nats, postgres].map((victim) => () => this.#killAndStart(victim, random.integer(0, 1_500))),
        () => this.#killAndStart(workers[n % 2] ?? workers[0], random.integer(0, 1_500)),
      )
    }
    deeds.push(
      () => this.#postgresAway(),
      () => this.#natsHangs(),
      () => this.#deleteStream(),
    )
    deeds.sort(() => random.next() - 0.5)
    for (const [n, deed] of deeds.entries()) {
      await this.#until(() => this.#acknowledged.size >= (turns * (n + 1)) / (deeds.length + 1))
      await delay(random.integer(0, 300))
      await deed()
    }
  }

  async #killAndStart(victim: Victim, awayMs: number): Promise<void> {
    this.#options.note(`${this.#acknowledged.size}: kill -9 of ${victim.name}, for ${awayMs} ms`)
    await victim.kill()
    await delay(awayMs)
    await victim.start()
  }

  async #postgresAway(): Promise<void> {
    const { outageMs, note } = this.#options
    note(`${this.#acknowledged.size}: PostgreSQL is away for ${seconds(outageMs)}`)
    await this.#stage.postgres.kill()
    await delay(outageMs)
    await this.#stage.postgres.start()
  }

  async #natsHangs(): Promise<void> {
    const { outageMs, note } = this.#options
    note(`${this.#acknowledged.size}: NATS hangs for ${seconds(outageMs)}`)
    this.#stage.nats.pause()
    await delay(outageMs)
    this.#stage.nats.resume()
  }

  async #deleteStream(): Promise<void> {
    this.#options.note(`${this.#acknowledged.size}: the stream is deleted`)
    const connection = await connect({ servers: new URL(this.#stage.natsUrl).host })
    const manager = await jetstreamManager(connection)
    await manager.streams.delete(pipelineStream)
    await connection.close()
  }

  async #unrest(): Promise<string[]> {
    const { gatewayUrl, natsUrl } = this.#stage
    const metrics = await (await fetch(`${gatewayUrl}/metrics`)).text()
    const unrest = ['llmr_spool_waiting', 'llmr_spool_unsettled'].flatMap((name) => {
      const value = new RegExp(`^${name} (\\d+)`, 'm').exec(metrics)?.[1]
      return value === undefined || value === '0' ? [] : [`${name} of ${value}`]
    })
    return withBus(natsUrl, async (bus) => {
      for (const { name, backlog } of await bus.consumers()) {
        if (backlog.waiting + backlog.lent > 0) unrest.push(`${backlog.waiting + backlog.lent} before ${name}`)
      }
      if (unrest.length > 0) return unrest
      const gone = await this.#plantedAndGone(await bus.deadLetters(1_000))
      if (gone.length === 0) return []
      await bus.publish(gone)
      return [`${gone.length} planted events that went with the stream`]
    })
  }

  async #plantedAndGone(letters: readonly { readonly event: { readonly id: string } }[]) {
    const buried = new Set(letters.map(({ event }) => event.id))
    const { replies } = await whatIsKept(this.#stage.databaseUrl)
    return [
      ...this.#planted.poison.filter(({ id }) => !buried.has(id)),
      ...this.#planted.later.filter(({ id }) => !buried.has(id) && !replies.has(id.slice(0, id.indexOf('/')))),
    ]
  }

  async #judgeDeadLetters(): Promise<void> {
    const letters = await withBus(this.#stage.natsUrl, (bus) => bus.deadLetters(1_000))
    const buried = letters.map(({ event }) => event.id)
    const expected = new Set(this.#planted.poison.map(({ id }) => id))
    const wrong = letters.filter(({ event }) => !expected.has(event.id))
    if (wrong.length > 0) this.problems.push(`${wrong.length} events put aside that are no poison: ${wrong[0]?.reason}`)
    const missing = [...expected].filter((id) => !buried.includes(id))
    if (missing.length > 0) this.problems.push(`${missing.length} poisoned events were not put aside: ${missing[0]}`)
    const twice = buried.filter((id, at) => buried.indexOf(id) !== at)
    if (twice.length > 0) this.problems.push(`${twice.length} events put aside twice, such as ${twice[0]}`)
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await delay(20)
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
