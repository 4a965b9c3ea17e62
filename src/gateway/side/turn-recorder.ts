import type { Reply } from '../../core/chat/reply.ts'
import type { BusEvent } from '../../core/bus.ts'
import type { RequestRecord } from '../../core/request-record.ts'
import { lineageOf, turnOf } from '../../events/turn-of.ts'
import type { EventSource } from '../../events/cloud-event.ts'
import { writeLineageEvent, writeTurnEvent } from '../../events/write-turn-event.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { Intake } from '../request/intake.ts'
import type { RelayWitness } from '../request/reply/relay-options.ts'
import { AskedTurn } from './asked-turn.ts'
import { ReplyWitness } from './reply-witness.ts'

export type MemoryMode = 'off' | 'authenticated' | 'on'

/** What was seen of a request while it ran. */
interface Seen {
  readonly asked: AskedTurn
  readonly witness: ReplyWitness
}

export interface TurnRecorderOptions {
  readonly memory: MemoryMode
  readonly source: EventSource
  /** A reply is whole, and its client has not had the end of it: what is made is to be told now. Never throws. */
  readonly onWhole: (requestId: string, make: () => BusEvent | undefined) => void
}

/** Makes the events of a request out of what was seen of it. */
export class TurnRecorder {
  readonly #options: TurnRecorderOptions
  readonly #seen = new WeakMap<RequestRecord, Seen>()

  constructor(options: TurnRecorderOptions) {
    this.#options = options
  }

  /** Who is to hear the reply of one attempt; the last attempt's counts. Undefined when nothing of it is kept. */
  watch(exchange: Exchange, intake: Intake): RelayWitness | undefined {
    if (!this.#isKept(exchange, intake)) return undefined
    const { record } = exchange
    const witness = new ReplyWitness()
    this.#seen.set(record, { asked: new AskedTurn(exchange, intake), witness })
    return {
      push: (chunk) => witness.push(chunk),
      end: (reply) => {
        // The record is closed only when the last byte is out.
        const durationMs = exchange.elapsedMs()
        this.#options.onWhole(record.requestId, () =>
          this.#turnOf({ ...record, durationMs }, this.#taken(record), reply),
        )
      },
    }
  }

  /** What is to be told of a request that has ended, unless it was told when its reply was whole. */
  eventsOf(record: RequestRecord): readonly BusEvent[] {
    if (record.operation === undefined) return []
    const lineage = writeLineageEvent(lineageOf(record), this.#options.source)
    const turn = this.#turnOf(record, this.#taken(record))
    return turn === undefined ? [lineage] : [turn, lineage]
  }

  #taken(record: RequestRecord): Seen | undefined {
    const seen = this.#seen.get(record)
    this.#seen.delete(record)
    return seen
  }

  /** @param reply as its client had it, where that is not what the engine's bytes say */
  #turnOf(record: RequestRecord, seen: Seen | undefined, reply?: Reply): BusEvent | undefined {
    if (seen === undefined) return undefined
    const { claims, ...asked } = seen.asked.asked()
    if (claims === undefined) return undefined // nobody says anything in it
    return writeTurnEvent(
      turnOf({ ...asked, record, claims, reply: reply ?? seen.witness.reply() }),
      this.#options.source,
    )
  }

  /** Content is kept only of those who agreed to it, and only of what a person or an agent said. */
  #isKept({ request, principal }: Exchange, { operation, classification }: Intake): boolean {
    const { memory } = this.#options
    if (memory === 'off' || operation !== 'chat') return false
    if (memory === 'authenticated' && (principal === undefined || principal.id === 'anonymous')) return false
    if (classification.kind !== 'user' && classification.kind !== 'agent') return false
    if (principal?.recall === 'off' || request.headers['x-llmr-memory'] === 'off') return false
    // Of two llmr in a row the first one remembers.
    return request.headers['x-llmr-hop'] === undefined
  }
}
