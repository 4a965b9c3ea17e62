import type { Reply } from '../../core/chat/reply.ts'
import type { BusEvent } from '../../core/bus.ts'
import type { RequestRecord } from '../../core/request-record.ts'
import type { Turn } from '../../core/turn.ts'
import { writeFlowEvent } from '../../events/flow-event.ts'
import { flowOf } from '../../events/flow-of.ts'
import { writeRetrieveEvent } from '../../events/retrieve-event.ts'
import { turnOf } from '../../events/turn-of.ts'
import type { EventSource } from '../../events/cloud-event.ts'
import { writeTurnEvent } from '../../events/write-turn-event.ts'
import type { Exchange } from '../../http/exchange.ts'
import { shownHistory } from '../../memory/identity/shown-history.ts'
import type { Remembered } from '../request/memory/remembered.ts'
import type { Remembering } from '../request/memory/remembering.ts'
import type { RelayWitness } from '../request/reply/relay-options.ts'
import { FileReadTeller } from './file-read-teller.ts'
import { ReplyWitness } from './reply-witness.ts'
import { SentBodies } from './sent-bodies.ts'

/** What was seen of a request while it ran. */
interface Seen {
  readonly remembered: Remembered
  readonly witness: ReplyWitness
}

export interface TurnRecorderOptions {
  /** Absent: nobody is remembered. */
  readonly remembering: Pick<Remembering, 'of'> | undefined
  readonly source: EventSource
  /** Hears what was said in each turn, at its end. */
  readonly onTurn?: (turn: Turn) => void
  /** A reply is whole, and its client has not had the end of it: what is made is to be told now. Never throws. */
  readonly onWhole: (requestId: string, make: () => BusEvent | undefined) => void
}

/** Makes the events of a request out of what was seen of it. */
export class TurnRecorder {
  readonly #options: TurnRecorderOptions
  readonly #reads: FileReadTeller
  readonly #seen = new WeakMap<RequestRecord, Seen>()
  readonly #sent = new SentBodies()

  constructor(options: TurnRecorderOptions) {
    this.#options = options
    this.#reads = new FileReadTeller(options.source)
  }

  /** What an engine is asked, in one attempt; lineage says its digest. */
  sent(record: RequestRecord, body: Buffer): void {
    this.#sent.add(record, body)
  }

  /** Who is to hear the reply of one attempt; the last attempt's counts. Undefined when nothing of it is kept. */
  watch(exchange: Exchange): RelayWitness | undefined {
    const { record } = exchange
    const remembered = this.#options.remembering?.of(record)
    if (remembered === undefined) return undefined
    const witness = new ReplyWitness()
    this.#seen.set(record, { remembered, witness })
    return {
      push: (chunk) => witness.push(chunk),
      end: (given) => {
        const reply = given ?? witness.reply()
        // The record is closed only when the last byte is out.
        const durationMs = exchange.elapsedMs()
        this.#options.onWhole(record.requestId, () =>
          this.#turnOf({ ...record, durationMs }, this.#taken(record), reply),
        )
        return reply && remembered.end(reply)
      },
    }
  }

  /** What is to be told of a request that has ended, unless it was told when its reply was whole. */
  eventsOf(record: RequestRecord): readonly BusEvent[] {
    if (record.operation === undefined) return []
    const { source } = this.#options
    const flow = flowOf(record, this.#sent.takeDigests(record))
    const turn = this.#turnOf(record, this.#taken(record))
    const retrieval = writeRetrieveEvent(flow, source)
    const knowledge = [turn, ...this.#readsOf(record), retrieval].filter((event) => event !== undefined)
    return [...knowledge, writeFlowEvent(flow, source)]
  }

  /** Files that a tool has read are told whatever became of the reply. */
  #readsOf(record: RequestRecord): readonly BusEvent[] {
    const remembered = this.#options.remembering?.of(record)
    if (remembered === undefined) return []
    const { scope, found, messages } = remembered
    return this.#reads.eventsOf(record, { ...scope, conversation: found?.conversation }, messages)
  }

  #taken(record: RequestRecord): Seen | undefined {
    const seen = this.#seen.get(record)
    this.#seen.delete(record)
    return seen
  }

  /** @param reply as its client had it, where that is not what the engine's bytes say */
  #turnOf(record: RequestRecord, seen: Seen | undefined, reply?: Reply): BusEvent | undefined {
    if (seen === undefined) return undefined
    const { scope, claims, userText, messages, found: place } = seen.remembered
    const turn = turnOf({
      record,
      scope,
      place,
      claims,
      userText,
      history: historyNeeded(seen.remembered) ? shownHistory(messages) : undefined,
      messages,
      reply: reply ?? seen.witness.reply(),
    })
    this.#options.onTurn?.(turn)
    return writeTurnEvent(turn, this.#options.source)
  }
}

/** Of a conversation that is known, what the client shows is kept already. */
function historyNeeded({ found, claims }: Remembered): boolean {
  return claims.rounds.length > 0 && (found === undefined || found.tier === 'new')
}
