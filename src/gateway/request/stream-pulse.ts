import { type Member, MemberList } from '../../core/member-list.ts'
import type { WaitProgress } from '../../core/wait-progress.ts'
import type { StreamFacts } from '../../dialects/dialect.ts'
import type { Exchange } from '../../http/exchange.ts'
import { ShownWait, type Wait } from './shown-wait.ts'

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
  readonly #monotonic: () => number
  #lastByteAt: number
  #lastEventAt: number
  #isResting = false
  /** Something has flowed since the last beat. */
  #isFresh = false
  /** The wait for a model that the client is shown. */
  #wait: ShownWait | undefined

  constructor(exchange: Exchange, monotonic: () => number) {
    this.#exchange = exchange
    this.#monotonic = monotonic
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

  /** From now until `endWait` the client is shown how far its wait for a model is. */
  showWait(wait: Wait): void {
    this.wake()
    this.#wait = new ShownWait(wait)
  }

  /** @param outcome `elsewhere`: it goes on at another backend, or ends in an error that says so itself */
  endWait(outcome: 'ready' | 'elsewhere'): void {
    const wait = this.#wait
    this.#wait = undefined
    const now = this.#monotonic()
    const last = outcome === 'ready' ? wait?.end(now) : undefined
    if (wait !== undefined && last !== undefined) this.#tell(last, wait.style, now)
  }

  beat(now: number, settings: PulseSettings): void {
    const exchange = this.#exchange
    if (this.#isFresh) {
      this.#isFresh = false
      this.#lastByteAt = now
      this.#lastEventAt = now
      return
    }
    if (this.#isResting || !exchange.isBetweenEvents) return
    const news = this.#wait?.news(now)
    if (news !== undefined && this.#wait !== undefined) this.#tell(news, this.#wait.style, now)
    if (now - this.#lastByteAt >= settings.intervalMs) this.#giveSign(now, settings)
  }

  #giveSign(now: number, settings: PulseSettings): void {
    const { voice, dialect } = this.#exchange
    const { keepAlive } = dialect
    const isDeltaDue = now - this.#lastEventAt >= settings.deltaIntervalMs
    if (voice !== undefined) this.#write(voice.keepAlive(isDeltaDue), now)
    else this.#write((isDeltaDue ? keepAlive.writeEmptyDelta?.(this.#facts()) : undefined) ?? keepAlive.comment, now)
    if (isDeltaDue) this.#lastEventAt = now
  }

  #tell(progress: WaitProgress, style: Wait['style'], now: number): void {
    const { voice, dialect } = this.#exchange
    const text =
      voice === undefined
        ? (dialect.writeProgress?.(progress, style, this.#facts()) ?? dialect.keepAlive.comment)
        : (voice.writeProgress?.(progress, style) ?? voice.keepAlive(false))
    this.#write(text, now)
    if (style !== 'comment') this.#lastEventAt = now
  }

  #write(text: string, now: number): void {
    const exchange = this.#exchange
    if (!exchange.hasBegun) {
      exchange.note('stream-opened-early')
      exchange.beginEventStream()
    }
    exchange.write(text)
    this.#lastByteAt = now
  }

  #facts(): StreamFacts {
    const { requestId, requestedModel = '', startedAtMs } = this.#exchange.record
    return { requestId, model: requestedModel, createdAtS: Math.floor(startedAtMs / 1000) }
  }
}
