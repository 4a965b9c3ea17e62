import type { WaitProgress } from '../../core/wait-progress.ts'
import type { ProgressStyle } from '../../dialects/dialect.ts'

export interface Wait {
  readonly style: ProgressStyle
  /** How far it is by now; undefined: nothing is known. */
  readonly ask: () => WaitProgress | undefined
}

/** A short wait is nobody's news, and what fails at once is still told by its status. */
const quietMs = 500
const betweenNewsMs = 1_000
/** However little happens: whoever looks should see that somebody still counts. */
const repeatMs = 10_000

/** Decides when a client is told again how far its wait is: when something has changed, and once a second at most. */
export class ShownWait {
  readonly style: Wait['style']
  readonly #ask: Wait['ask']
  #told: { readonly progress: WaitProgress; readonly atMs: number } | undefined

  constructor({ style, ask }: Wait) {
    this.style = style
    this.#ask = ask
  }

  /** What to tell now. Whoever is told counts it as told. */
  news(nowMs: number): WaitProgress | undefined {
    const told = this.#told
    if (told !== undefined && nowMs - told.atMs < betweenNewsMs) return undefined
    const progress = this.#ask()
    if (progress === undefined || progress.waitedMs < quietMs) return undefined
    if (told !== undefined && !isNews(told.progress, progress, nowMs - told.atMs)) return undefined
    this.#told = { progress, atMs: nowMs }
    return progress
  }

  /** The last word of a wait that was told of at all. */
  end(nowMs: number): WaitProgress | undefined {
    const told = this.#told
    if (told === undefined) return undefined
    this.#told = undefined
    const waitedMs = told.progress.waitedMs + (nowMs - told.atMs)
    return { ...told.progress, phase: 'ready', position: 1, waitedMs, withinMs: 0 }
  }
}

/** That time has passed is no news; that more or less of it is left than was said, is. */
function isNews(told: WaitProgress, progress: WaitProgress, sinceMs: number): boolean {
  if (told.phase !== progress.phase || told.position !== progress.position || sinceMs >= repeatMs) return true
  const expectedMs = Math.max(0, told.withinMs - sinceMs)
  return Math.abs(progress.withinMs - expectedMs) > Math.max(2_000, expectedMs / 4)
}
