import type { Clock } from '../../../core/clock.ts'
import { LlmrError } from '../../../core/error.ts'
import type { Logger } from '../../../core/logger.ts'
import type { RequestRecord } from '../../../core/request-record.ts'
import { transcriptFormat, transcriptVersion } from '../../../dialects/transcript/transcript.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { conversationOf } from '../../request/conversation-of.ts'
import type { Intake } from '../../request/intake.ts'
import { principalOf } from '../../request/principal-of.ts'
import { OpenStreams } from '../open-streams.ts'
import { HeardReplies } from './heard-replies.ts'
import { recordedLine } from './recorded-line.ts'
import { type RecordedWay, wayOf, type WayParts } from './recorded-way.ts'
import { isModelWanted, isWanted, type RecordingWish, readRecordingWish } from './recording-wish.ts'
import { type RedactionSettings, redactor } from './redactor.ts'

export interface RecordingSettings {
  readonly isAllowed: boolean
  readonly redaction: RedactionSettings
}

export type RecordingEnd = 'time' | 'size' | 'requests' | 'closing'

/** At once. Each costs the whole text of every request that it wants. */
const recordingsMax = 4
/** A longer line is left out, and counted. */
const lineBytesMax = 16 * 1024 ** 2
/** What its client has not taken yet; what comes beyond that is left out, and counted. */
const untakenBytesMax = 32 * 1024 ** 2
const heartbeatMs = 10_000
const conversationLength = 16

interface Recording {
  readonly wish: RecordingWish
  readonly by: string
  readonly sinceMs: number
  readonly redact: (value: unknown) => unknown
  readonly timers: readonly NodeJS.Timeout[]
  requests: number
  bytes: number
  missed: number
}

interface Seen {
  readonly intake: Intake
  readonly principal: string
  readonly conversation: string | undefined
  readonly wanted: readonly Recording[]
  /** Of the last attempt. */
  readonly way?: RecordedWay
  readonly heard?: HeardReplies
}

/**
 * Requests as they come, for whoever asked to have them recorded, until they leave or have enough. Costs one look at an
 * empty map while nobody does; while somebody does, every page that tells how the gateway stands says so.
 */
export class Recordings {
  readonly #settings: () => RecordingSettings
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #streams = new OpenStreams(recordingsMax)
  readonly #running = new Map<Exchange, Recording>()
  readonly #seen = new WeakMap<RequestRecord, Seen>()

  constructor(parts: { settings: () => RecordingSettings; logger: Logger; clock: Clock }) {
    this.#settings = parts.settings
    this.#logger = parts.logger
    this.#clock = parts.clock
  }

  /** Sends what is recorded as an event stream, a line of a transcript in each event. @throws LlmrError when it may not be */
  follow(exchange: Exchange): void {
    const { isAllowed, redaction } = this.#settings()
    if (!isAllowed) {
      throw new LlmrError('forbidden', 'Nothing may be recorded here: telemetry.recording.allow is false.')
    }
    const wish = readRecordingWish(exchange.query)
    this.#streams.add(exchange, () => this.#ended(exchange, 'its client left'))
    const recording: Recording = {
      wish,
      by: principalOf(exchange),
      sinceMs: this.#clock.now(),
      redact: redactor(redaction),
      timers: [
        setTimeout(() => this.#end(exchange, 'time'), wish.forMs).unref(),
        setInterval(() => exchange.write(exchange.dialect.keepAlive.comment), heartbeatMs).unref(),
      ],
      requests: 0,
      bytes: 0,
      missed: 0,
    }
    this.#running.set(exchange, recording)
    const { principal, model, conversation } = wish
    this.#logger.warn(
      { by: recording.by, principal, model, conversation, for_ms: wish.forMs, bytes_max: wish.bytesMax },
      'requests are being recorded, with what people say in them',
    )
    exchange.record.isStream = true
    exchange.beginEventStream()
    const recordedAt = new Date(recording.sinceMs).toISOString()
    const id = `recorded-${recordedAt.slice(0, 19).replaceAll(':', '')}`
    send(exchange, JSON.stringify({ format: transcriptFormat, version: transcriptVersion, id }))
  }

  /** A request has been read. */
  see(exchange: Exchange, intake: Intake): void {
    if (this.#running.size === 0 || intake.operation !== 'chat') return
    const { headers } = exchange.request
    // Who wants nothing of it to be kept has said so for this as well.
    if (headers['x-llmr-memory'] === 'off' || exchange.principal?.recall === 'off') return
    const principal = principalOf(exchange)
    const conversation = conversationOf({ principal, headers, intake })?.slice(0, conversationLength)
    const named = headers['x-llmr-conversation']?.toString()
    const wanted = Array.from(this.#running.values()).filter(({ wish }) =>
      isWanted(wish, { principal, conversations: [conversation, named] }),
    )
    if (wanted.length === 0) return
    exchange.note('recorded')
    this.#seen.set(exchange.record, { intake, principal, conversation, wanted })
  }

  /** Who is to hear what the engine says to it. One for each attempt: the last one's reply counts. */
  hear(exchange: Exchange, parts: WayParts): HeardReplies | undefined {
    const seen = this.#seen.get(exchange.record)
    if (seen === undefined) return undefined
    const heard = new HeardReplies(parts.lane.form)
    this.#seen.set(exchange.record, { ...seen, heard, way: wayOf(exchange, parts) })
    return heard
  }

  /** A request is over. Takes as long as reading its text; never throws. */
  tell(record: RequestRecord): void {
    const seen = this.#seen.get(record)
    if (seen === undefined) return
    this.#seen.delete(record)
    try {
      const names = [record.requestedModel, record.model]
      for (const [exchange, recording] of this.#running) {
        if (seen.wanted.includes(recording) && isModelWanted(recording.wish, names)) {
          this.#write(exchange, recording, { ...seen, record, way: seen.way, replies: seen.heard?.replies() ?? [] })
        }
      }
    } catch (error) {
      this.#logger.error({ request_id: record.requestId, err: error }, 'a request could not be recorded')
    }
  }

  /** For pages that tell how the gateway stands. */
  standing(): readonly object[] {
    return Array.from(this.#running.values(), ({ by, sinceMs, requests, bytes, wish }) => {
      const { principal, model, conversation } = wish
      return { by, since: new Date(sinceMs).toISOString(), requests, bytes, principal, model, conversation }
    })
  }

  /** Ends every recording in good order. May be called twice. */
  close(): void {
    for (const exchange of this.#running.keys()) this.#end(exchange, 'closing')
    this.#streams.close()
  }

  #write(exchange: Exchange, recording: Recording, request: Parameters<typeof recordedLine>[0]): void {
    const { wish } = recording
    const line = JSON.stringify(recording.redact(recordedLine(request)))
    const bytes = Buffer.byteLength(line)
    if (bytes > lineBytesMax || exchange.response.writableLength + bytes > untakenBytesMax) {
      recording.missed++
      return
    }
    if (recording.bytes + bytes > wish.bytesMax) {
      this.#end(exchange, 'size')
      return
    }
    recording.requests++
    recording.bytes += bytes
    send(exchange, line)
    if (recording.requests >= wish.requestsMax) this.#end(exchange, 'requests')
  }

  #end(exchange: Exchange, reason: RecordingEnd): void {
    const recording = this.#running.get(exchange)
    if (recording === undefined) return
    const { requests, bytes, missed } = recording
    exchange.write(`event: end\ndata: ${JSON.stringify({ end: reason, requests, bytes, missed })}\n\n`)
    this.#ended(exchange, reason)
    exchange.end()
  }

  #ended(exchange: Exchange, reason: string): void {
    const recording = this.#running.get(exchange)
    if (recording === undefined) return
    this.#running.delete(exchange)
    for (const timer of recording.timers) clearTimeout(timer)
    const { by, requests, bytes, missed } = recording
    this.#logger.info({ by, requests, bytes, missed, reason }, 'a recording has ended')
  }
}

function send(exchange: Exchange, line: string): void {
  exchange.write(`data: ${line}\n\n`)
}
