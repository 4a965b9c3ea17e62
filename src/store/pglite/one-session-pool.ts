import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import type { Client } from 'pg'

import { settledWithin } from '../../core/settled-within.ts'
import { StatementNames } from '../statement-names.ts'
import { StoreError } from '../store-error.ts'
import { closedError, type PgliteThread } from './pglite-thread.ts'

/** More are refused: whoever waits behind so many would not be served in any time that matters. */
const waitingMax = 1_000

/**
 * The embedded database has one session. It is lent out to one caller at a time, in order, so that nobody's query falls
 * into another's transaction.
 *
 * @param endTimeoutMs how long its end waits for those who have it and are next, before the thread is ended by force.
 */
export function oneSessionPool(thread: PgliteThread, session: Client, endTimeoutMs: number): PostgresPool {
  const names = new StatementNames()
  let last = Promise.resolve()
  let waiting = 0
  let isEnding = false

  async function connect(): Promise<PostgresPoolClient> {
    if (isEnding) throw new StoreError('store_closed', 'The embedded database is closed.')
    if (waiting >= waitingMax) {
      throw new StoreError('store_busy', `The embedded database is busy: ${waiting} calls wait for it already.`)
    }
    waiting += 1
    const { promise, resolve: release } = Promise.withResolvers<void>()
    const before = last
    last = promise
    await before
    waiting -= 1
    return { processID: 1, query: query as PostgresPoolClient['query'], release: () => release() }
  }

  /** Without parameters a text may be several statements: they have no name, and the last one's result counts. */
  async function query<Row>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>> {
    const name = parameters.length === 0 ? undefined : names.nameOf(text)
    try {
      const result = await session.query({ text, values: Array.from(parameters), ...(name !== undefined && { name }) })
      return (Array.isArray(result) ? result.at(-1) : result) as PostgresQueryResult<Row>
    } catch (error) {
      throw thread.isClosed ? closedError(error) : error
    }
  }

  async function end(): Promise<void> {
    isEnding = true
    const isIdle = await settledWithin(last, endTimeoutMs)
    await thread.close(isIdle ? endTimeoutMs : 0)
  }

  return { options: {}, connect, end }
}
