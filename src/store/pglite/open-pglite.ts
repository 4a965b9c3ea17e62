import { Kysely, PostgresDialect } from 'kysely'

import { schemaName } from '../database.ts'
import type { Database, Tables } from '../database.ts'
import { oneSessionPool } from './one-session-pool.ts'
import { PgliteThread } from './pglite-thread.ts'
import { wireClient } from './wire-client.ts'

/** A query that never ends must not keep a process from ending. */
const closeTimeoutMs = 10_000

/**
 * The embedded database, in a thread of its own. It takes 300 to 450 MB of memory, and five seconds when the folder is
 * new, so it is opened when somebody needs it and not before.
 *
 * What it has confirmed survives the end of the process in any way. It never calls fsync: a power failure may take the
 * last seconds.
 *
 * @param folder is its own; others may be in use by other processes.
 * @throws StoreError `store_locked`, `store_folder_unusable`
 */
export async function openPglite(folder: string, endTimeoutMs = closeTimeoutMs): Promise<Database> {
  const { thread, version } = await PgliteThread.open(folder)
  const pool = oneSessionPool(thread, await wireClient(thread), endTimeoutMs)
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: () => Promise.resolve(pool) }) })
  const query = kysely.withSchema(schemaName)
  return {
    engine: 'pglite',
    version,
    place: folder,
    query,
    // Its only user is a superuser, whom no policy binds.
    within: () => query,
    isClosed: () => thread.isClosed,
    close: () => pool.end(),
  }
}
