import { PageCache } from './page-cache.ts'
import { loadMs } from './replay-host.ts'
import type { ReplayHost } from './replay-host.ts'

/** A file on its way into the page cache. */
export interface Reading {
  readonly model: string
  readonly sinceMs: number
}

export interface ModelFilesParts {
  readonly host: ReplayHost
  readonly sizeOf: (model: string) => number
  /** Asks for `readingEnds` at that time, unless something else ends the reading before. */
  readonly endAt: (atMs: number, reading: Reading) => void
}

/**
 * The model files of the host: what of them is in the page cache, and what is being read ahead. One file is read at a
 * time, and none beside a load, which somebody waits for.
 */
export class ModelFiles {
  readonly #parts: ModelFilesParts
  readonly #pages: PageCache
  readonly #changed = new Set<string>()
  #wanted: readonly string[] = []
  #reading: Reading | undefined
  #loads = 0

  constructor(parts: ModelFilesParts) {
    this.#parts = parts
    this.#pages = new PageCache(parts.host.ramBytes)
  }

  /** What a load would take that begins now. */
  loadMs(model: string): number {
    return loadMs(this.#parts.host, this.#parts.sizeOf(model), this.#pages.cachedBytes(model))
  }

  /** Models whose next load would take another time than when this was last asked. */
  takeChanged(): readonly string[] {
    const changed = [...this.#changed]
    this.#changed.clear()
    return changed
  }

  want(models: readonly string[], nowMs: number): void {
    this.#wanted = models
    this.#readNext(nowMs)
  }

  /** Gives back how long the load takes. */
  loadBegins(model: string, nowMs: number): number {
    this.#stopReading(nowMs)
    const takesMs = this.loadMs(model)
    this.#touch(model, this.#parts.sizeOf(model))
    this.#loads += 1
    return takesMs
  }

  loadEnds(model: string, nowMs: number): void {
    this.#loads -= 1
    // It is in the page cache now: the next load will not take what this one did.
    this.#changed.add(model)
    this.#readNext(nowMs)
  }

  readingEnds(reading: Reading, nowMs: number): void {
    if (this.#reading === reading) this.#stopReading(nowMs)
    this.#readNext(nowMs)
  }

  #readNext(nowMs: number): void {
    if (this.#reading !== undefined || this.#loads > 0) return
    const model = this.#wanted.find((name) => this.#unreadBytes(name) > 0)
    if (model === undefined) return
    this.#reading = { model, sinceMs: nowMs }
    this.#parts.endAt(nowMs + (this.#unreadBytes(model) / this.#parts.host.diskRate) * 1000, this.#reading)
  }

  #stopReading(nowMs: number): void {
    if (this.#reading === undefined) return
    const { model, sinceMs } = this.#reading
    this.#reading = undefined
    const readBytes = ((nowMs - sinceMs) / 1000) * this.#parts.host.diskRate
    // Rounded up, since a byte or so is what rounding leaves of a whole file.
    const cachedBytes = Math.ceil(this.#pages.cachedBytes(model) + readBytes)
    this.#touch(model, Math.min(this.#parts.sizeOf(model), cachedBytes))
  }

  #unreadBytes(model: string): number {
    const sizeBytes = this.#parts.sizeOf(model)
    return sizeBytes > this.#parts.host.ramBytes ? 0 : sizeBytes - this.#pages.cachedBytes(model)
  }

  #touch(model: string, bytes: number): void {
    for (const changed of this.#pages.touch(model, bytes)) this.#changed.add(changed)
  }
}
