import type { PostgresPoolClient } from 'kysely'
import type { PoolClient } from 'pg'

/** What each session was told last. One that is new has been told nothing, and is shown nothing. */
const told = new WeakMap<PoolClient, string>()

/**
 * Says to the database whose rows a session may see from now on. A round trip, and only where it worked for another tenant
 * before. It holds for the session: a pooler in between must not hand sessions round from one transaction to the next.
 */
export async function showTenant(session: PoolClient, client: PostgresPoolClient, tenant: string): Promise<void> {
  if (told.get(session) === tenant) return
  told.delete(session) // unknown until it is confirmed
  await client.query("select set_config('llmr.tenant', $1, false)", [tenant])
  told.set(session, tenant)
}
