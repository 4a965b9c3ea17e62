import { stat } from 'node:fs/promises'

import type { Logger } from '../../core/logger.ts'
import { availableBytes } from '../memory/ram-probe.ts'
import { cachedShare } from './cached-share.ts'
import { prefetchFile } from './prefetch-file.ts'

/** What a load of one model will read. */
export interface PrefetchWish {
  readonly model: string
  readonly files: readonly string[]
  readonly isDirectIo: boolean
}

export interface PrefetcherOptions {
  readonly logger: Logger
  /** Told when a model's files are in the page cache; `share` as far as it is known. */
  readonly onCached: (model: string, share: number | undefined) => void
}

/** Reading the rest would gain less than the question whether it is there. */
const enoughShare = 0.97

/**
 * Reads the files of models that will be wanted soon, one model at a time and never beside a load, which would get less
 * of the disk. The owner says when a load begins and ends.
 */
export class Prefetcher {
  readonly #options: PrefetcherOptions
  #wishes: readonly PrefetchWish[] = []
  /** Read since the last load, which may have pushed anything out. */
  readonly #done = new Set<string>()
  #loads = 0
  #reading: { readonly abort: AbortController; readonly done: Promise<void>; readonly model: string } | undefined
  #isClosed = false

  constructor(options: PrefetcherOptions) {
    this.#options = options
  }

  /** Replaces the list before it; what is being read goes on if it is still first. */
  wish(wishes: readonly PrefetchWish[]): void {
    this.#wishes = wishes.filter(
      ({ model, files, isDirectIo }) => files.length > 0 && !isDirectIo && !this.#done.has(model),
    )
    if (this.#reading !== undefined && this.#reading.model !== this.#wishes[0]?.model) this.#reading.abort.abort()
    this.#readOn()
  }

  loadBegins(): void {
    this.#loads++
    this.#done.clear()
    this.#reading?.abort.abort()
  }

  loadEnds(): void {
    this.#loads--
    this.#readOn()
  }

  /** Waits for the reads under way. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#wishes = []
    this.#reading?.abort.abort()
    await this.#reading?.done
  }

  #readOn(): void {
    const [wish] = this.#wishes
    if (wish === undefined || this.#reading !== undefined || this.#loads > 0 || this.#isClosed) return
    const abort = new AbortController()
    const done = this.#read(wish, abort.signal).then((isDone) => {
      this.#reading = undefined
      if (isDone) {
        this.#done.add(wish.model)
        this.#wishes = this.#wishes.filter(({ model }) => model !== wish.model)
      }
      this.#readOn()
    })
    this.#reading = { abort, done, model: wish.model }
  }

  /** False when it was interrupted. Never throws: what cannot be read ahead is read, or found missing, by its load. */
  async #read({ model, files }: PrefetchWish, signal: AbortSignal): Promise<boolean> {
    try {
      const share = (await cachedShare(files)) ?? 0
      if (share >= enoughShare) {
        this.#options.onCached(model, share)
        return true
      }
      const missing = (await sizeOf(files)) * (1 - share)
      if (missing > availableBytes()) return true // it would push out what it has read itself
      for (const path of files) {
        await prefetchFile({ path, signal })
        if (signal.aborted) return false
      }
      const now = await cachedShare(files)
      this.#options.logger.debug({ model, cached_share: now }, 'the files of a model were read ahead')
      this.#options.onCached(model, now)
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      this.#options.logger.debug({ model, problem }, 'the files of a model could not be read ahead')
    }
    return true
  }
}

async function sizeOf(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  return sizes.reduce((total, size) => total + size, 0)
}
