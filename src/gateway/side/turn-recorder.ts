import type { Message } from '../../core/chat/message.ts'
import type { BusEvent } from '../../core/bus.ts'
import type { RequestRecord } from '../../core/request-record.ts'
import { readChat } from '../../dialects/openai/chat/read-chat.ts'
import { lineageOf, turnOf } from '../../events/turn-of.ts'
import { type EventSource, writeLineageEvent, writeTurnEvent } from '../../events/write-turn-event.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { Intake } from '../request/intake.ts'
import { principalOf } from '../request/principal-of.ts'
import { ReplyWitness } from './reply-witness.ts'

export type MemoryMode = 'off' | 'authenticated' | 'on'

/** What was seen of a request while it ran. */
interface Seen {
  readonly exchange: Exchange
  readonly intake: Intake
  readonly witness: ReplyWitness
}

/** Larger events are refused by brokers as they are set up. Their lineage is told all the same. */
const turnBytesMax = 768 * 1024

/** Makes the events of a request out of what was seen of it. Until its end it costs a list of buffers. */
export class TurnRecorder {
  readonly #memory: MemoryMode
  readonly #source: EventSource
  readonly #seen = new WeakMap<RequestRecord, Seen>()
  /** Turns that were too large to be told. */
  tooLarge = 0

  constructor({ memory, source }: { readonly memory: MemoryMode; readonly source: EventSource }) {
    this.#memory = memory
    this.#source = source
  }

  /** Who is to hear the reply of one attempt; the last attempt's counts. Undefined when nothing of it is kept. */
  watch(exchange: Exchange, intake: Intake): ReplyWitness | undefined {
    if (!this.#isKept(exchange, intake)) return undefined
    const witness = new ReplyWitness()
    this.#seen.set(exchange.record, { exchange, intake, witness })
    return witness
  }

  /** What is to be told of a request that has ended. */
  eventsOf(record: RequestRecord): readonly BusEvent[] {
    if (record.operation === undefined) return []
    const lineage = writeLineageEvent(lineageOf(record), this.#source)
    const seen = this.#seen.get(record)
    if (seen === undefined) return [lineage]
    this.#seen.delete(record)
    const turn = writeTurnEvent(
      turnOf({
        record,
        principal: principalOf(seen.exchange),
        conversation: conversationOf(seen.exchange),
        messages: messagesOf(seen.intake),
        reply: seen.witness.reply(),
      }),
      this.#source,
    )
    if (Buffer.byteLength(JSON.stringify(turn.body)) <= turnBytesMax) return [turn, lineage]
    this.tooLarge += 1
    return [lineage]
  }

  /** Content is kept only of those who agreed to it, and only of what a person or an agent said. */
  #isKept({ request, principal }: Exchange, { operation, classification }: Intake): boolean {
    if (this.#memory === 'off' || operation !== 'chat') return false
    if (this.#memory === 'authenticated' && (principal === undefined || principal.id === 'anonymous')) return false
    if (classification.kind !== 'user' && classification.kind !== 'agent') return false
    // Of two llmr in a row the first one remembers.
    return request.headers['x-llmr-memory'] !== 'off' && request.headers['x-llmr-hop'] === undefined
  }
}

function messagesOf({ chat, request }: Intake): readonly Message[] {
  return (chat?.request ?? (request.json && readChat(request.json).request))?.messages ?? []
}

function conversationOf({ request }: Exchange): string | undefined {
  const value = request.headers['x-llmr-conversation']
  return typeof value === 'string' && /^[\x21-\x7e]{1,256}$/.test(value) ? value : undefined
}
