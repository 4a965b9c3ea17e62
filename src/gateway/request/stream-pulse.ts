import { type Member, MemberList } from '../../core/member-list.ts'
import type { Exchange } from '../../http/exchange.ts'

export interface PulseSettings {
  /** Silence after which a stream gets a sign of life. */
  readonly intervalMs: number
  /** Silence after which that sign is an empty delta. */
  readonly deltaIntervalMs: number
}

/**
 * Keeps waiting streams alive, all of them by one timer: a timer for each would be reset at every chunk, and chunks are
 * many. A stream that the engine has not begun is opened here, with status 200: clients give up on headers long before a
 * CPU has read a long prompt. What fails after that is told inside the stream.
 */
export class StreamPulses {
  #settings: PulseSettings
  readonly #monotonic: () => number
  readonly #streams = new MemberList<StreamPulse>()
  #timer: NodeJS.Timeout | undefined

  constructor(settings: PulseSettings, monotonic: () => number) {
    this.#settings = settings
    this.#monotonic = monotonic
  }

  set(settings: PulseSettings): void {
    this.#settings = settings
  }

  /** From now until `stop`, silence on this exchange is filled. */
  watch(exchange: Exchange): StreamPulse {
    const pulse = new StreamPulse(exchange, this.#monotonic)
    this.#streams.add(pulse)
    this.#timer ??= setInterval(() => this.#beat(), Math.min(1_000, this.#settings.intervalMs)).unref()
    return pulse
  }

  stop(pulse: StreamPulse): void {
    this.#streams.delete(pulse)
    if (this.#streams.size === 0) this.close()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #beat(): void {
    const now = this.#monotonic()
    for (const pulse of this.#streams) pulse.beat(now, this.#settings)
  }
}

export class StreamPulse implements Member {
  /** Among the streams that are watched. */
  position = -1
  readonly #exchange: Exchange
  #lastByteAt: number
  #lastEventAt: number
  #isResting = false
  /** Something has flowed since the last beat. */
  #isFresh = false

  constructor(exchange: Exchange, monotonic: () => number) {
    this.#exchange = exchange
    this.#lastByteAt = monotonic()
    this.#lastEventAt = this.#lastByteAt
  }

  /** A chunk of the engine's went out. When, is for the next beat to say: chunks are many. */
  sawChunk(): void {
    this.#isFresh = true
  }

  /** What comes from the engine is no stream after all: nothing may be opened for it or put into it. */
  rest(): void {
    this.#isResting = true
  }

  /** Another engine is asked. */
  wake(): void {
    this.#isResting = false
  }

  beat(now: number, settings: PulseSettings): void {
    const exchange = this.#exchange
    if (this.#isFresh) {
      this.#isFresh = false
      this.#lastByteAt = now
      this.#lastEventAt = now
      return
    }
    if (this.#isResting || now - this.#lastByteAt < settings.intervalMs || !exchange.isBetweenEvents) return
    const { voice } = exchange
    const { keepAlive } = exchange.dialect
    if (!exchange.hasBegun) {
      exchange.note('stream-opened-early')
      exchange.beginEventStream()
    }
    const isDeltaDue = now - this.#lastEventAt >= settings.deltaIntervalMs
    if (voice !== undefined) {
      exchange.write(voice.keepAlive(isDeltaDue))
      if (isDeltaDue) this.#lastEventAt = now
    } else if (isDeltaDue && keepAlive.writeEmptyDelta !== undefined) {
      const { requestId, requestedModel = '', startedAtMs } = exchange.record
      exchange.write(
        keepAlive.writeEmptyDelta({ requestId, model: requestedModel, createdAtS: Math.floor(startedAtMs / 1000) }),
      )
      this.#lastEventAt = now
    } else {
      exchange.write(keepAlive.comment)
    }
    this.#lastByteAt = now
  }
}
