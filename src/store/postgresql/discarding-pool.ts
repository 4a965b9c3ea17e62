import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type { Pool, PoolClient } from 'pg'

import { showTenant } from './show-tenant.ts'
import type { StatementNames } from '../statement-names.ts'

/**
 * A pool that keeps no connection on which something else went wrong than a statement. `pg` gives up waiting for an
 * answer and hands the connection back as if it were idle; whoever got it next would wait for that same answer.
 *
 * @param tenant whose rows its sessions are shown
 * @param names of statements that sessions are to keep ready; without it each is taken apart anew
 */
export function discardingPool(pool: Pool, tenant: string, names?: StatementNames): PostgresPool {
  return {
    options: pool.options,
    async connect() {
      const session = await pool.connect()
      const client = watched(session, names)
      try {
        await showTenant(session, client, tenant)
        return client
      } catch (error) {
        client.release()
        throw error
      }
    },
    end: () => pool.end(),
  }
}

function watched(client: PoolClient, names: StatementNames | undefined): PostgresPoolClient {
  let isSound = true
  async function query(text: string, parameters: readonly unknown[]): Promise<unknown> {
    try {
      // Without parameters a text may be several statements, and those have no name.
      const name = parameters.length === 0 ? undefined : names?.nameOf(text)
      return await client.query({ text, values: Array.from(parameters), ...(name !== undefined && { name }) })
    } catch (error) {
      if (!isFromServer(error)) isSound = false
      throw error
    }
  }
  return {
    query: query as PostgresPoolClient['query'],
    release: (isUnwanted = false) => client.release(isUnwanted || !isSound),
  }
}

/**
 * Whether it is the server's own word on a statement, after which the session is as good as before. With 57P it ends the
 * session itself; a session that has lost a named statement (26000), or has one of which a migration has changed the result
 * (0A000), would fail with it for ever.
 */
function isFromServer(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^[0-9A-Z]{5}$/.test(code) && !/^57P|^26000$|^0A000$/.test(code)
}
