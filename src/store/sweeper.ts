import { sql } from 'kysely'

import type { Logger } from '../core/logger.ts'
import type { Database } from './database.ts'
import type { StoredResponses } from './stored-responses.ts'

export interface SweeperOptions {
  readonly database: Database
  readonly responses: Pick<StoredResponses, 'removeExpired'>
  readonly logger: Logger
  readonly intervalMs?: number
}

/** What has expired is not found any more at once; that it still takes room for a while harms nobody. */
const defaultIntervalMs = 600_000

/** One statement must not keep others waiting for long. */
const batchRows = 500

/** Takes away what has expired, again and again. Several processes may do so on one database. */
export class Sweeper {
  readonly #options: SweeperOptions
  readonly #timer: NodeJS.Timeout
  #work: Promise<void> = Promise.resolve()
  #isClosing = false

  constructor(options: SweeperOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.sweep(), options.intervalMs ?? defaultIntervalMs).unref()
  }

  /** Once through. Never rejects: what fails is tried again at the next round. */
  sweep(): Promise<void> {
    this.#work = this.#work.then(() => this.#removeExpired())
    return this.#work
  }

  /** After the statement in hand. */
  async close(): Promise<void> {
    this.#isClosing = true
    clearInterval(this.#timer)
    await this.#work
  }

  async #removeExpired(): Promise<void> {
    const { database, responses, logger } = this.#options
    try {
      let removed = 0
      let last = batchRows
      while (last === batchRows && !this.#isClosing) {
        last = await responses.removeExpired(batchRows)
        removed += last
      }
      if (removed === 0) return
      logger.info({ responses: removed }, 'expired responses were removed from the store')
      // A server does so by itself; the embedded database has nobody for it, and its files would only ever grow.
      if (database.engine === 'pglite') await sql`vacuum llmr.stored_response`.execute(database.query)
    } catch (error) {
      logger.warn({ err: error }, 'expired responses could not be removed from the store')
    }
  }
}
