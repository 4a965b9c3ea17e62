import { sql } from 'kysely'
import type { Kysely } from 'kysely'

import type { Clock } from '../core/clock.ts'
import type { MemoryScope } from '../core/memory-scope.ts'
import type { Tables } from './database.ts'
import { fromRow, toRow } from './stored-response.ts'
import type { StoredResponse } from './stored-response.ts'

/** Whose it is, and which: one is never looked up without the other. */
export interface ResponseKey extends MemoryScope {
  readonly id: string
}

export interface ChainBounds {
  readonly responsesMax: number
  /** Of the stored JSON, as UTF-8. */
  readonly bytesMax: number
}

export type ResponseChain =
  /** The oldest first; the last is the one asked for. */
  | { readonly type: 'found'; readonly responses: readonly StoredResponse[] }
  /** The one asked for, or one before it, was deleted, has expired, or never was. */
  | { readonly type: 'missing'; readonly id: string }
  | { readonly type: 'too-long' }

export interface ItemPage {
  readonly items: readonly unknown[]
  readonly hasMore: boolean
}

export interface ItemQuery {
  readonly limit: number
  readonly order: 'asc' | 'desc'
  /** The id of the item after which the page begins. One that is not there gives an empty page. */
  readonly after?: string
}

/** Ends the wait, and the call itself as far as it has not reached the database. */
export interface Abortable {
  readonly signal?: AbortSignal
}

/** A conversation of an agent has a few hundred replies at most, and keeping one alive costs a look at each. */
const keptAliveMax = 1_000

/** Ids are minted by llmr. What cannot be one is not looked for: the database would refuse some of it as text. */
const possibleId = /^[\x21-\x7e]{1,256}$/

/** The table `stored_response`. Every method may be given a signal, and rejects when the database fails. */
export class StoredResponses {
  readonly #query: Kysely<Tables>
  readonly #clock: Clock

  constructor({ query, clock }: { readonly query: Kysely<Tables>; readonly clock: Clock }) {
    this.#query = query
    this.#clock = clock
  }

  /**
   * Keeps a reply, in place of one with the same principal and id. Those it goes on from are kept as long as it is: a
   * conversation does not lose its beginning while it goes on.
   */
  async put(response: StoredResponse, { signal }: Abortable = {}): Promise<void> {
    const row = toRow(response)
    const insertion = this.#query
      .insertInto('stored_response')
      .values(row)
      .onConflict((conflict) => conflict.columns(['tenant', 'principal', 'id']).doUpdateSet(row))
    if (response.previousId === undefined) {
      await insertion.execute({ signal })
      return
    }
    await sql`
      with recursive link (id, previous_id, depth) as (
        select id, previous_id, 1 from llmr.stored_response
        where tenant = ${response.tenant} and principal = ${response.principal} and id = ${response.previousId}
        union all
        select before.id, before.previous_id, link.depth + 1
        from link join llmr.stored_response before
          on before.tenant = ${response.tenant} and before.principal = ${response.principal}
            and before.id = link.previous_id
        where link.depth < ${keptAliveMax}
      ), ended_earlier as (
        select id from llmr.stored_response
        where tenant = ${response.tenant} and principal = ${response.principal} and id in (select id from link) and id <> ${response.id}
          and expires_at > ${this.#now()} and expires_at < ${row.expires_at}
        order by id for update
      ), kept_alive as (
        update llmr.stored_response set expires_at = ${row.expires_at}
        where tenant = ${response.tenant} and principal = ${response.principal} and id in (select id from ended_earlier)
      )
      ${insertion}`.execute(this.#query, { signal })
  }

  async get({ tenant, principal, id }: ResponseKey, { signal }: Abortable = {}): Promise<StoredResponse | undefined> {
    if (!possibleId.test(id)) return undefined
    const row = await this.#query
      .selectFrom('stored_response')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('principal', '=', principal)
      .where('id', '=', id)
      .where('expires_at', '>', this.#now())
      .executeTakeFirst({ signal })
    return row && fromRow(row)
  }

  /** Those of these that are there, in no order. */
  async getAll(
    { tenant, principal }: MemoryScope,
    ids: readonly string[],
    { signal }: Abortable = {},
  ): Promise<StoredResponse[]> {
    const possible = ids.filter((id) => possibleId.test(id))
    if (possible.length === 0) return []
    const rows = await this.#query
      .selectFrom('stored_response')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('principal', '=', principal)
      .where('id', 'in', possible)
      .where('expires_at', '>', this.#now())
      .execute({ signal })
    return rows.map(fromRow)
  }

  /** Resolves true when there was one. */
  async delete({ tenant, principal, id }: ResponseKey, { signal }: Abortable = {}): Promise<boolean> {
    if (!possibleId.test(id)) return false
    const row = await this.#query
      .deleteFrom('stored_response')
      .where('tenant', '=', tenant)
      .where('principal', '=', principal)
      .where('id', '=', id)
      .returning('expires_at')
      .executeTakeFirst({ signal })
    return row !== undefined && row.expires_at > this.#now()
  }

  /** A page of the items that a reply was asked with; undefined when there is no such reply. */
  async inputItems(key: ResponseKey, page: ItemQuery, options: Abortable = {}): Promise<ItemPage | undefined> {
    const response = await this.get(key, options)
    return response && pageOf(response.inputItems, page)
  }

  /** A reply with all those it goes on from. */
  async chain(
    { tenant, principal, id, responsesMax, bytesMax }: ResponseKey & ChainBounds,
    { signal }: Abortable = {},
  ): Promise<ResponseChain> {
    if (!possibleId.test(id)) return { type: 'missing', id }
    const { rows: links } = await sql<{ id: string; previousId: string | null; bytes: number }>`
      with recursive link as (
        select id, previous_id, bytes, 1 as depth from llmr.stored_response
        where tenant = ${tenant} and principal = ${principal} and id = ${id} and expires_at > ${this.#now()}
        union all
        select before.id, before.previous_id, before.bytes, link.depth + 1
        from link join llmr.stored_response before
          on before.tenant = ${tenant} and before.principal = ${principal}
            and before.id = link.previous_id and before.expires_at > ${this.#now()}
        where link.depth <= ${responsesMax}
      )
      select id, previous_id as "previousId", bytes from link order by depth desc`.execute(this.#query, { signal })
    const bytes = links.reduce((sum, link) => sum + link.bytes, 0)
    if (links.length > responsesMax || bytes > bytesMax) return { type: 'too-long' }
    const [oldest] = links
    if (oldest === undefined) return { type: 'missing', id }
    if (oldest.previousId !== null) return { type: 'missing', id: oldest.previousId }
    return this.#fetch(
      { tenant, principal },
      links.map((link) => link.id),
      signal,
    )
  }

  /** Takes away what has expired, at most so many at once. Resolves to their number. */
  async removeExpired(most: number): Promise<number> {
    const { numAffectedRows } = await sql`
      delete from llmr.stored_response where (tenant, principal, id) in (
        select tenant, principal, id from llmr.stored_response
        where expires_at <= ${this.#now()} order by expires_at limit ${most} for update skip locked
      )`.execute(this.#query)
    return Number(numAffectedRows)
  }

  async #fetch(
    { tenant, principal }: MemoryScope,
    ids: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<ResponseChain> {
    const rows = await this.#query
      .selectFrom('stored_response')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('principal', '=', principal)
      .where('id', 'in', ids)
      .execute({ signal })
    const found = new Map(rows.map((row) => [row.id, fromRow(row)]))
    const missing = ids.find((one) => !found.has(one))
    if (missing !== undefined) return { type: 'missing', id: missing } // deleted this very moment
    return { type: 'found', responses: ids.flatMap((one) => found.get(one) ?? []) }
  }

  #now(): Date {
    return new Date(this.#clock.now())
  }
}

function pageOf(items: readonly unknown[], { limit, order, after }: ItemQuery): ItemPage {
  const ordered = order === 'asc' ? items : items.toReversed()
  const found = after === undefined ? -1 : ordered.findIndex((item) => idOf(item) === after)
  const start = after !== undefined && found === -1 ? ordered.length : found + 1
  return { items: ordered.slice(start, start + limit), hasMore: start + limit < ordered.length }
}

function idOf(item: unknown): unknown {
  return typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined
}
