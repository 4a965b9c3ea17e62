import { type RawBuilder, sql } from 'kysely'
import type { Kysely, Transaction } from 'kysely'

import type { Forgotten, ForgetWish } from '../core/memory-record.ts'
import type { Tables } from './database.ts'
import { notePrincipal } from './forgotten.ts'
import { saidBy } from './said-by.ts'
import { storable } from './storable-text.ts'

/**
 * Takes conversations away with everything that was made of them: turns, replies, tool calls, files that nobody else's
 * conversation read, vectors, summaries, and what of them waits in the tables of the bus. Of a principal, its users
 * included, also the stored responses. All or nothing. What is told of them later is not kept again: that they were
 * forgotten is remembered for it.
 */
export async function forget(query: Kysely<Tables>, wish: ForgetWish): Promise<Forgotten> {
  return undoneIf(wish.isTrial === true, query, async (transaction) => {
    await sql`set local statement_timeout = ${sql.lit(patientMs)}`.execute(transaction)
    const requests = await requestsOf(transaction, wish)
    const { rows } = await sql<{ id: string }>`
      select id::text from llmr.conversation where ${conversationsOf(wish)}`.execute(transaction)
    const events = await forgetEvents(transaction, { requests, conversations: rows.map(({ id }) => id), wish })
    const rounds = await changed(transaction, sql`delete from llmr.chat_pair where conversation in (${theirs(wish)})`)
    const read = await filesOf(transaction, wish)
    const conversations = await changed(transaction, sql`delete from llmr.conversation where ${conversationsOf(wish)}`)
    const files = await changed(
      transaction,
      sql`delete from llmr.artifact where id = any(${read}::uuid[])
        and not exists (select from llmr.artifact_use where artifact_use.artifact = artifact.id)`,
    )
    await notePrincipal(transaction, wish)
    return { conversations, rounds, files, events, responses: await forgetResponses(transaction, wish) }
  })
}

/** Work in a transaction that is taken back where it was only tried. */
async function undoneIf<Result>(
  isTrial: boolean,
  query: Kysely<Tables>,
  work: (transaction: Transaction<Tables>) => Promise<Result>,
): Promise<Result> {
  const transaction = await query.startTransaction().execute()
  try {
    const result = await work(transaction)
    await (isTrial ? transaction.rollback() : transaction.commit()).execute()
    return result
  } catch (error) {
    if (!transaction.isCommitted && !transaction.isRolledBack) await transaction.rollback().execute()
    throw error
  }
}

/** Years of somebody's conversations take longer than a request may. */
const patientMs = 600_000

function conversationsOf(wish: ForgetWish): RawBuilder<unknown> {
  const which = 'conversation' in wish ? sql`id::text = ${storable(wish.conversation)}` : saidBy(wish.principal)
  return wish.tenant === undefined ? which : sql`${which} and tenant = ${storable(wish.tenant)}`
}

function theirs(wish: ForgetWish): RawBuilder<unknown> {
  return sql`select id from llmr.conversation where ${conversationsOf(wish)}`
}

async function requestsOf(query: Transaction<Tables>, wish: ForgetWish): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select reply.request_id as id from llmr.turn join llmr.reply on reply.turn = turn.id
    where turn.conversation in (${theirs(wish)}) and reply.request_id is not null`.execute(query)
  return rows.map(({ id }) => id)
}

/** Files that these conversations read; whether others did, too, is asked when these are gone. */
async function filesOf(query: Transaction<Tables>, wish: ForgetWish): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct use.artifact::text as id
    from llmr.turn join llmr.reply on reply.turn = turn.id join llmr.artifact_use as use on use.reply = reply.id
    where turn.conversation in (${theirs(wish)})`.execute(query)
  return rows.map(({ id }) => id)
}

interface EventWish {
  readonly requests: readonly string[]
  readonly conversations: readonly string[]
  readonly wish: ForgetWish
}

/**
 * An event is named after its request; one of a request without a place yet says whose it is. Bodies are looked through as
 * text: they may hold what the database can keep as json and not take apart.
 */
async function forgetEvents(query: Transaction<Tables>, { requests, conversations, wish }: EventWish): Promise<number> {
  const isTheirs = sql`(
    split_part(id, '/', 1) = any(${requests}::text[])
    or exists (select from unnest(${conversations}::text[]) as given (id) where strpos(body::text, given.id) > 0)
    ${'principal' in wish ? sql`or (${whoseEvent(wish)})` : sql``}
  )`
  await sql`
    delete from llmr.bus_delivery where event in (select number from llmr.bus_event where ${isTheirs})`.execute(query)
  const waiting = await changed(query, sql`delete from llmr.bus_event where ${isTheirs}`)
  return waiting + (await changed(query, sql`delete from llmr.dead_letter where ${isTheirs}`))
}

function whoseEvent({ principal, tenant }: Extract<ForgetWish, { principal: string }>): RawBuilder<unknown> {
  const who = saidBy(principal, sql`(headers->>'llmr-principal')`)
  return tenant === undefined ? who : sql`${who} and strpos(body::text, ${JSON.stringify({ tenant }).slice(1, -1)}) > 0`
}

function forgetResponses(query: Transaction<Tables>, wish: ForgetWish): Promise<number> {
  if (!('principal' in wish)) return Promise.resolve(0)
  const { principal, tenant } = wish
  return changed(
    query,
    sql`delete from llmr.stored_response where ${saidBy(principal)}
      ${tenant === undefined ? sql`` : sql`and tenant = ${storable(tenant)}`}`,
  )
}

async function changed(query: Kysely<Tables>, statement: RawBuilder<unknown>): Promise<number> {
  const { numAffectedRows } = await statement.execute(query)
  return Number(numAffectedRows ?? 0n)
}
