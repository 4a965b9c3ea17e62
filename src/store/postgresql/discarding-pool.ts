import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type { Pool, PoolClient } from 'pg'

import { showTenant } from './show-tenant.ts'

/**
 * A pool that keeps no connection on which something else went wrong than a statement. `pg` gives up waiting for an
 * answer and hands the connection back as if it were idle; whoever got it next would wait for that same answer.
 *
 * @param tenant whose rows its sessions are shown
 */
export function discardingPool(pool: Pool, tenant: string): PostgresPool {
  return {
    options: pool.options,
    async connect() {
      const session = await pool.connect()
      const client = watched(session)
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

function watched(client: PoolClient): PostgresPoolClient {
  let isSound = true
  async function query(text: string, parameters: readonly unknown[]): Promise<unknown> {
    try {
      return await client.query(text, Array.from(parameters))
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

/** The server's own errors have an SQLSTATE; with those of class 57P it ends the connection itself. */
function isFromServer(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('57P')
}
