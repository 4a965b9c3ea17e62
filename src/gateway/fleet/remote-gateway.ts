import type { Connection } from '../../backends/connection.ts'
import type { BackendFailure } from '../../backends/failure.ts'
import { followState } from '../../backends/state/follow-state.ts'
import type { BackendDescription } from '../../core/backend.ts'
import type { Clock } from '../../core/clock.ts'
import type { GatewayState, ModelResidence } from '../../core/gateway-state.ts'
import { joinPlaces } from '../../core/join-places.ts'
import type { Logger } from '../../core/logger.ts'
import type { PlaceForecast } from '../../resilience/candidate-load.ts'
import { forecastPlace } from '../../resilience/forecast-place.ts'

export interface RemoteGatewayParts {
  readonly connection: Connection
  /** Of this gateway. */
  readonly instanceId: string
  readonly clock: Clock
  readonly logger: Logger
  /** What it has in memory is another now, or which models it has. */
  readonly onChanged: () => void
  /** It tells nothing any more and may be gone, or has other models than it had: it has to be asked. */
  readonly onStale: () => void
}

/** As far as a request may travel. */
const pathMax = 8

/** One that hangs up sooner is asked again with the next check, and not at once: that would go round and round. */
const followedMinMs = 1_000

/** Another llmr that is a backend, as far as it says how it stands. */
export class RemoteGateway {
  readonly #parts: RemoteGatewayParts
  /** Requests that were sent there for each model and have not ended: what it tells of them is always a little old. */
  readonly #inFlight = new Map<string, number>()
  /** When each model came into memory there, as it was seen here. */
  readonly #loadedAtMs = new Map<string, number>()
  #following: { close(): void } | undefined
  #models: ReadonlyMap<string, ModelResidence> = new Map()
  /** Models that it knows by this gateway alone. */
  #ownWords: ReadonlySet<string> = new Set()
  #hasTold = false
  #hasRefused = false
  #followedAtMs = 0

  constructor(parts: RemoteGatewayParts) {
    this.#parts = parts
  }

  /** Listens, unless it does already. To be called whenever the other one has been found well. */
  follow(): void {
    if (this.#following !== undefined) return
    this.#followedAtMs = this.#parts.clock.monotonic()
    this.#following = followState(this.#parts.connection, {
      onState: (state) => this.#take(state),
      onEnd: (failure) => this.#ended(failure),
    })
  }

  close(): void {
    this.#following?.close()
    this.#following = undefined
    this.#models = new Map()
    this.#ownWords = new Set()
    this.#hasTold = false
  }

  model(id: string): ModelResidence | undefined {
    return this.#models.get(id)
  }

  /** Those that it has in hand and has told of, and those it has not told of yet. */
  forecast(id: string): PlaceForecast | undefined {
    const model = this.#models.get(id)
    return model && forecastPlace(model, { inFlight: this.#inFlight.get(id) ?? 0, forMs: this.#agoMs(id) })
  }

  sent(id: string): void {
    this.#inFlight.set(id, (this.#inFlight.get(id) ?? 0) + 1)
  }

  ended(id: string): void {
    const left = (this.#inFlight.get(id) ?? 0) - 1
    if (left > 0) this.#inFlight.set(id, left)
    else this.#inFlight.delete(id)
  }

  /** A first byte that waited for a load says nothing about how fast the model is. */
  hasLoadedSince(id: string, durationMs: number): boolean {
    const model = this.#models.get(id)
    return model !== undefined && (model.residence !== 'loaded' || this.#agoMs(id) < durationMs)
  }

  /** With what is in memory there as it last said, and without what it has from this gateway alone. */
  refine(description: BackendDescription): BackendDescription {
    if (this.#models.size === 0 && this.#ownWords.size === 0) return description
    const models = description.models.filter(({ id }) => !this.#ownWords.has(id))
    return { ...description, models: models.map((model) => ({ ...model, ...this.#loadState(model.id) })) }
  }

  /** Nothing for a model of which it has not told; what a poll said of it stays. */
  #loadState(id: string): { isLoaded?: boolean | undefined } {
    const residence = this.#models.get(id)?.residence
    if (residence === undefined) return {}
    return { isLoaded: residence === 'unknown' ? undefined : residence === 'loaded' }
  }

  #agoMs(id: string): number {
    const { clock } = this.#parts
    return clock.monotonic() - (this.#loadedAtMs.get(id) ?? clock.monotonic())
  }

  #take(state: GatewayState): void {
    const before = this.#models
    const isFirst = !this.#hasTold
    this.#hasTold = true
    const models = state.models.flatMap((model) => this.#withoutOwnWord(model) ?? [])
    this.#models = new Map(models.map((model) => [model.id, model]))
    const ownWords = new Set(state.models.flatMap(({ id }) => (this.#models.has(id) ? [] : id)))
    // A poll may have listed one before it was told that it goes in a circle.
    const hasNewCircle = !ownWords.isSubsetOf(this.#ownWords)
    this.#ownWords = ownWords
    const changed = models.filter(({ id, residence }) => before.get(id)?.residence !== residence)
    const gone = [...before.keys()].filter((id) => !this.#models.has(id))
    for (const { id } of changed) this.#loadedAtMs.set(id, this.#parts.clock.monotonic())
    for (const id of gone) this.#loadedAtMs.delete(id)
    for (const { id, residence } of changed) {
      if (!isFirst) this.#parts.logger.info({ model: id, residence }, 'a model of another gateway has moved')
    }
    if (changed.length > 0 || gone.length > 0 || hasNewCircle) this.#parts.onChanged()
    const hasOthers = gone.length > 0 || changed.some(({ id }) => !before.has(id))
    if (!isFirst && hasOthers) this.#parts.onStale()
  }

  /** What it has from this gateway itself is no news, and would be kept for ever if it went round. */
  #withoutOwnWord(model: ModelResidence): ModelResidence | undefined {
    const { instanceId } = this.#parts
    const places = model.places.filter(({ path }) => !path.includes(instanceId) && path.length < pathMax)
    if (places.length === 0 && model.places.length > 0) return undefined
    return { ...model, ...joinPlaces(places), places }
  }

  #ended(failure: BackendFailure): void {
    this.close()
    const followedMs = this.#parts.clock.monotonic() - this.#followedAtMs
    const isRefusal = failure.causeClass === 'unauthorized' || failure.causeClass === 'rejected'
    if (isRefusal && !this.#hasRefused) {
      const hint = 'it is asked now and then instead; give its key the scope gateway there'
      this.#parts.logger.warn({ reason: failure.message }, `another gateway does not tell how it stands: ${hint}`)
    }
    this.#hasRefused = isRefusal
    if (followedMs >= followedMinMs) this.#parts.onStale()
    this.#parts.onChanged()
  }
}
