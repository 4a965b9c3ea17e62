import { sql } from 'kysely'

import type { Logger } from '../core/logger.ts'
import type { Database } from './database.ts'

export interface SweeperOptions {
  readonly database: Database
  readonly families: readonly ExpiringFamily[]
  readonly logger: Logger
  readonly intervalMs?: number
}

/** A part of the store whose rows come to an end. */
export interface ExpiringFamily {
  /** In the log: what is removed. */
  readonly name: string
  /** Those whose rows come and go, this way or by being worked off. */
  readonly tables: readonly string[]
  /** At most so many at once; resolves to their number. */
  readonly removeExpired: (most: number) => Promise<number>
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
    this.#work = this.#work.then(() => this.#sweep())
    return this.#work
  }

  /** After the statement in hand. */
  async close(): Promise<void> {
    this.#isClosing = true
    clearInterval(this.#timer)
    await this.#work
  }

  async #sweep(): Promise<void> {
    const { database, families, logger } = this.#options
    for (const family of families) {
      try {
        const removed = await this.#removeExpired(family)
        if (removed > 0) logger.info({ family: family.name, rows: removed }, 'expired rows were removed from the store')
        // A server does so by itself; the embedded database has nobody for it, and its files would only ever grow.
        if (database.engine === 'pglite' && !this.#isClosing) await vacuum(database, family.tables)
      } catch (error) {
        logger.warn({ family: family.name, err: error }, 'expired rows could not be removed from the store')
      }
    }
  }

  async #removeExpired({ removeExpired }: ExpiringFamily): Promise<number> {
    let removed = 0
    let last = batchRows
    while (last === batchRows && !this.#isClosing) {
      last = await removeExpired(batchRows)
      removed += last
    }
    return removed
  }
}

async function vacuum({ query }: Database, tables: readonly string[]): Promise<void> {
  for (const table of tables) await sql`vacuum ${sql.table(`llmr.${table}`)}`.execute(query)
}
