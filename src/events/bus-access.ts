import type { Bus } from '../core/bus.ts'

export interface ClosableBus extends Bus {
  close(): Promise<void>
}

/** A bus that is opened by the first who needs it, and again when that failed. */
export class BusAccess {
  readonly #open: () => Promise<ClosableBus>
  #opened: Promise<ClosableBus> | undefined
  #isClosed = false

  constructor(open: () => Promise<ClosableBus>) {
    this.#open = open
  }

  opened(): Promise<ClosableBus> {
    if (this.#isClosed) return Promise.reject(new Error('The bus is closed.'))
    return (this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = undefined
      throw error
    }))
  }

  /** May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true
    const bus = await this.#opened?.catch(() => undefined)
    await bus?.close()
  }
}
