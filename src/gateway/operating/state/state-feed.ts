import type { GatewayState, GatewayStateEvent } from '../../../core/gateway-state.ts'
import { mayUseModel } from '../../../http/auth/authorize.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { OpenStreams } from '../open-streams.ts'
import { diffState } from './diff-state.ts'

/** Changes that come together are told together. */
const gatherMs = 20
/** What nobody reports (counts of requests, health) is looked at so often while somebody listens. */
const lookEveryMs = 500
/** Well below the minute of silence after which proxies hang up. */
const heartbeatMs = 10_000
const listenersMax = 64

interface Listener {
  /** A client that takes nothing gets a fresh snapshot once it does, instead of all it has missed. */
  isBehind: boolean
}

/**
 * How everything stands, told to whoever listens: a snapshot, then what changes. Costs nothing while nobody does.
 */
export class StateFeed {
  readonly #describe: (before: GatewayState | undefined) => GatewayState
  readonly #streams = new OpenStreams(listenersMax)
  readonly #listeners = new Map<Exchange, Listener>()
  readonly #watchers = new Set<() => void>()
  #state: GatewayState | undefined
  #sequence = 0
  #gather: NodeJS.Timeout | undefined
  #timers: readonly NodeJS.Timeout[] = []

  constructor(describe: (before: GatewayState | undefined) => GatewayState) {
    this.#describe = describe
  }

  /** Something may have changed. */
  touch(): void {
    if (this.#isUnwatched() || this.#gather !== undefined) return
    this.#gather = setTimeout(() => {
      this.#gather = undefined
      this.#lookAround()
    }, gatherMs)
  }

  /** The state as it is now. */
  current(): GatewayState {
    this.#look()
    return (this.#state ??= this.#describe(undefined))
  }

  /** @throws LlmrError when there are too many listeners, or the gateway closes */
  follow(exchange: Exchange): void {
    this.#streams.add(exchange, () => this.#forget(exchange))
    const state = this.current()
    const listener: Listener = { isBehind: false }
    this.#listeners.set(exchange, listener)
    exchange.record.isStream = true
    exchange.beginEventStream()
    exchange.onDrain(() => {
      if (!listener.isBehind || this.#state === undefined) return
      listener.isBehind = false
      this.#send(exchange, listener, { type: 'snapshot', sequence: this.#sequence, state: this.#state })
    })
    this.#send(exchange, listener, { type: 'snapshot', sequence: this.#sequence, state })
    this.#wake()
  }

  /** Calls the watcher, who has a bound of its own, at every look until the function returned is called. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    this.#wake()
    return () => {
      this.#watchers.delete(watcher)
      if (this.#isUnwatched()) this.#rest()
    }
  }

  /** Ends every stream. May be called twice. */
  close(): void {
    this.#streams.close()
    this.#rest()
  }

  #forget(exchange: Exchange): void {
    this.#listeners.delete(exchange)
    if (this.#isUnwatched()) this.#rest()
  }

  #isUnwatched(): boolean {
    return this.#listeners.size === 0 && this.#watchers.size === 0
  }

  #wake(): void {
    if (this.#timers.length > 0) return
    this.#timers = [
      setInterval(() => this.#lookAround(), lookEveryMs).unref(),
      setInterval(() => this.#beat(), heartbeatMs).unref(),
    ]
  }

  #rest(): void {
    for (const timer of this.#timers) clearInterval(timer)
    this.#timers = []
    clearTimeout(this.#gather)
    this.#gather = undefined
  }

  #lookAround(): void {
    this.#look()
    for (const watcher of this.#watchers) watcher()
  }

  #look(): void {
    const before = this.#state
    const state = this.#describe(before)
    this.#state = state
    const delta = before && diffState(before, state)
    if (delta === undefined) return
    const event = { ...delta, sequence: ++this.#sequence }
    for (const [exchange, listener] of this.#listeners) if (!listener.isBehind) this.#send(exchange, listener, event)
  }

  #send(exchange: Exchange, listener: Listener, event: GatewayStateEvent): void {
    const seen = visible(event, exchange)
    listener.isBehind = !exchange.write(`event: ${seen.type}\nid: ${seen.sequence}\ndata: ${JSON.stringify(seen)}\n\n`)
  }

  #beat(): void {
    for (const exchange of this.#listeners.keys()) exchange.write(exchange.dialect.keepAlive.comment)
  }
}

/** A key that may use some models only hears of those. */
function visible(event: GatewayStateEvent, { principal }: Exchange): GatewayStateEvent {
  if (principal?.mayUseModel === undefined) return event
  const maySee = (model: string): boolean => mayUseModel(principal, model)
  const narrow = <Part extends Pick<GatewayState, 'models' | 'backends'>>(part: Part): Part => ({
    ...part,
    models: part.models.filter(({ id }) => maySee(id)),
    backends: part.backends.map((backend) => ({ ...backend, loaded: backend.loaded.filter(maySee) })),
  })
  if (event.type === 'snapshot') return { ...event, state: narrow(event.state) }
  return { ...narrow(event), gone: { ...event.gone, models: event.gone.models.filter(maySee) } }
}
