import type { Reply } from '../../core/chat/reply.ts'
import type { BusEvent } from '../../core/bus.ts'
import type { RequestRecord } from '../../core/request-record.ts'
import type { Turn } from '../../core/turn.ts'
import { writeFlowEvent } from '../../events/flow-event.ts'
import { flowOf } from '../../events/flow-of.ts'
import { writeRetrieveEvent } from '../../events/retrieve-event.ts'
import type { EventSource } from '../../events/cloud-event.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { Remembered } from '../request/memory/remembered.ts'
import type { Remembering } from '../request/memory/remembering.ts'
import type { RelayWitness } from '../request/reply/relay-options.ts'
import { FileReadTeller } from './file-read-teller.ts'
import { ReplyWitness } from './reply-witness.ts'
import { SentBodies } from './sent-bodies.ts'
import type { SpoolIntake } from './spool-intake.ts'
import { TurnDraft } from './turn-draft.ts'

/** What was seen of a request while it ran. */
interface Seen {
  readonly draft: TurnDraft
  readonly witness: ReplyWitness
}

export interface TurnRecorderOptions {
  /** Absent: nobody is remembered. */
  readonly remembering: Pick<Remembering, 'of'> | undefined
  readonly source: EventSource
  readonly spool: Pick<SpoolIntake, 'begin' | 'finish' | 'append'>
  /** Hears what was said in each turn, at its end. */
  readonly onTurn?: (turn: Turn) => void
  /** Does it at once, and never throws. */
  readonly attempt: (requestId: string, work: () => void) => void
}

/** Tells what was seen of a request. */
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
    const draft = this.#seen.get(record)?.draft ?? this.#drafted(record, remembered)
    this.#seen.set(record, { draft, witness })
    return {
      push: (chunk) => witness.push(chunk),
      end: (given) => {
        const reply = given ?? witness.reply()
        // The record is closed only when the last byte is out.
        const durationMs = exchange.elapsedMs()
        this.#options.attempt(record.requestId, () =>
          this.#finish({ ...record, durationMs }, this.#taken(record), reply),
        )
        return reply && remembered.end(reply)
      },
    }
  }

  /** A request has ended: tells its way, and what was said unless that was told when its reply was whole. */
  tell(record: RequestRecord): void {
    if (record.operation === undefined) return
    const { spool, source } = this.#options
    this.#finish(record, this.#taken(record))
    const flow = flowOf(record, this.#sent.takeDigests(record))
    for (const event of this.#readsOf(record)) spool.append(event)
    const retrieval = writeRetrieveEvent(flow, source)
    if (retrieval !== undefined) spool.append(retrieval)
    spool.append(writeFlowEvent(flow, source))
  }

  /** What is known is written as soon as the engine has something to do, and nobody waits. */
  #drafted(record: RequestRecord, remembered: Remembered): TurnDraft {
    const { source, spool, attempt } = this.#options
    const draft = new TurnDraft({ record, remembered, source, spool })
    void remembered.place.then(() => setImmediate(() => attempt(record.requestId, () => draft.prepare())))
    return draft
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
  #finish(record: RequestRecord, seen: Seen | undefined, reply?: Reply): void {
    if (seen === undefined) return
    const turn = seen.draft.finish(record, reply ?? seen.witness.reply())
    this.#options.onTurn?.(turn)
  }
}
