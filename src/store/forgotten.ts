import { createHash } from 'node:crypto'

import { type RawBuilder, sql } from 'kysely'
import type { Kysely } from 'kysely'

import type { ForgetWish } from '../core/memory-record.ts'
import type { MemoryScope } from '../core/memory-scope.ts'
import type { Tables } from './database.ts'
import { everyTenant } from './every-tenant.ts'

/** A request of which an event tells. */
export interface ToldRequest extends MemoryScope {
  readonly requestId: string
  /** Where it was found to belong while it ran. */
  readonly conversation?: string
  /** When it began, or its event was made; absent: it is no matter whose it was, as it says nothing of what they said. */
  readonly atMs?: number
}

/**
 * Longer than an event of a request can be under way: 30 days in a queue and 30 put aside. As long the tables remember; the
 * migrations say the same of requests that are old already.
 */
const rememberedFor = sql`interval '70 days'`

/**
 * What was taken away: conversations, the requests in them, and all that somebody had said up to a moment. Events come
 * later, and more than once; what they tell of these is not kept again. Every method rejects when the database fails.
 */
export class ForgottenRequests {
  readonly #query: Kysely<Tables>

  constructor(query: Kysely<Tables>) {
    this.#query = query
  }

  /** Of these requests, by their ids, those that are to stay forgotten. One that has a place is kept, whoever it is of. */
  async among(told: readonly ToldRequest[]): Promise<ReadonlySet<string>> {
    if (told.length === 0) return new Set()
    const named = told.flatMap(({ atMs, requestId, ...scope }) =>
      atMs === undefined ? [] : namesOf(scope).map((who) => ({ who, requestId, at: new Date(atMs).toISOString() })),
    )
    const { rows } = await sql<{ id: string }>`
      with gone as (
        select id from unnest(
          ${told.map(({ requestId }) => requestId)}::text[], ${told.map(({ conversation }) => conversation ?? null)}::uuid[]
        ) as told (id, conversation)
        where exists (select from llmr.forgotten_request where request_id = told.id)
          or exists (select from llmr.forgotten where forgotten.conversation = told.conversation)
        union
        select id from unnest(
          ${named.map(({ requestId }) => requestId)}::text[], ${named.map(({ who }) => who)}::text[],
          ${named.map(({ at }) => at)}::timestamptz[]
        ) as told (id, who, at)
          join llmr.forgotten_principal principal on principal.who = decode(told.who, 'hex') and told.at <= forgotten_at
      )
      select id from gone where not exists (select from llmr.reply where reply.request_id = gone.id)`.execute(
      this.#query,
    )
    return new Set(rows.map(({ id }) => id))
  }

  /** Once nothing of it can be under way, at most so many at once of each kind. Resolves to their number. */
  async removeExpired(most: number): Promise<number> {
    const counts = await Promise.all([
      this.#remove(sql`llmr.forgotten`, sql`conversation`, most),
      this.#remove(sql`llmr.forgotten_request`, sql`request_id`, most),
      this.#remove(sql`llmr.forgotten_principal`, sql`who`, most),
    ])
    return Math.max(...counts)
  }

  async #remove(table: RawBuilder<unknown>, key: RawBuilder<unknown>, most: number): Promise<number> {
    const { numAffectedRows } = await sql`
      delete from ${table} where ${key} in (
        select ${key} from ${table} where forgotten_at < now() - ${rememberedFor} limit ${most} for update skip locked
      )`.execute(this.#query)
    return Number(numAffectedRows ?? 0n)
  }
}

/** Notes that all is to be forgotten that somebody has said until now; the requests of a conversation are noted as they go. */
export async function notePrincipal(query: Kysely<Tables>, wish: ForgetWish): Promise<void> {
  if (!('principal' in wish)) return
  const who = digestOf(wish.tenant ?? everyTenant, wish.principal)
  await sql`
    insert into llmr.forgotten_principal (who) values (decode(${who}, 'hex'))
    on conflict (who) do update set forgotten_at = now()`.execute(query)
}

/** All names under which somebody may have been forgotten: a key stands for its users, and whoever sees every tenant names none. */
function namesOf({ tenant, principal }: MemoryScope): readonly string[] {
  const parts = principal.split('/')
  const names = parts.map((_, at) => parts.slice(0, at + 1).join('/'))
  return [tenant, everyTenant].flatMap((one) => names.map((name) => digestOf(one, name)))
}

function digestOf(tenant: string, principal: string): string {
  return createHash('sha256').update(`${tenant}\n${principal}`).digest('hex')
}
