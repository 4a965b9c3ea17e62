import { sql } from 'kysely'
import type { Kysely } from 'kysely'

import type { Clock } from '../core/clock.ts'
import type { Forgotten, ForgetWish } from '../core/memory-record.ts'
import type { Logger } from '../core/logger.ts'
import { Artifacts } from './artifacts.ts'
import { type BusKeeping, TableBus } from './bus/table-bus.ts'
import { Conversations } from './conversations.ts'
import type { Database, Tables } from './database.ts'
import { Embeddings } from './embeddings.ts'
import { type ExportPage, exportPage, type ExportWish } from './export/export-page.ts'
import { Flows } from './flows.ts'
import { ensureSchema } from './migrations/ensure-schema.ts'
import { forget } from './forgetting.ts'
import { ForgottenRequests } from './forgotten.ts'
import { MemoryRecords } from './memory-records.ts'
import { openDatabase } from './open-database.ts'
import type { StoreLocation } from './open-database.ts'
import { RecallQueries } from './recall.ts'
import { StoredResponses } from './stored-responses.ts'
import { Summaries } from './summaries.ts'
import { Sweeper } from './sweeper.ts'
import { Turns } from './turns.ts'

export interface StoreOptions {
  readonly location: StoreLocation
  /** Whether missing migrations are applied at the start; else they are an error. */
  readonly migrates: boolean
  /** This llmr's, noted beside the migrations it applies. */
  readonly llmrVersion: string
  /** How long the tables of the bus keep what; usual times where absent. */
  readonly busKeeping?: BusKeeping
  readonly clock: Clock
  readonly logger: Logger
}

/** What llmr remembers: one part for each family of tables. */
export interface StoreFamilies {
  readonly responses: StoredResponses
  /** Who belongs where, and what was said there. */
  readonly conversations: Conversations
  readonly turns: Turns
  /** What was taken away and is not to come back. */
  readonly forgotten: ForgottenRequests
  /** Files that agents have read. */
  readonly artifacts: Artifacts
  readonly recall: RecallQueries
  /** The same for the operator. */
  readonly records: MemoryRecords
  /** Which way requests took. */
  readonly flows: Flows
  /** What workers have made of what was said. */
  readonly embeddings: Embeddings
  readonly summaries: Summaries
}

/** All of it, for workers and for the operator. Requests are shown what is within their tenant. */
export interface Store extends StoreFamilies {
  readonly engine: Database['engine']
  readonly place: string
  readonly within: (tenant: string) => StoreFamilies
  /** For analysts. */
  readonly exportPage: (wish: ExportWish) => Promise<ExportPage>
  /** Takes conversations away with all that was made of them. */
  readonly forget: (wish: ForgetWish) => Promise<Forgotten>
  /** The table queue, where no broker is configured. */
  readonly bus: TableBus
  /** Rejects when the database does not answer, or hangs as long as that does. */
  readonly ping: () => Promise<void>
  /** True when it has to be opened again before anything can be asked. */
  readonly isClosed: () => boolean
  /** Ends within 20 s, waiting for work in hand. May be called twice. */
  close(): Promise<void>
}

/**
 * Opens the database, brings its schema up to date, and takes away what has expired from then on.
 *
 * @throws StoreError
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { location, clock, logger } = options
  const database = await openDatabase(location, logger)
  try {
    await ensureSchema(database, options)
  } catch (error) {
    await database.close()
    throw error
  }
  const families = familiesOver(database.query, clock)
  const { responses, conversations, flows, forgotten } = families
  const bus = new TableBus(database.query, options.busKeeping)
  const sweeper = new Sweeper({
    database,
    logger,
    families: [
      {
        name: 'responses',
        tables: ['stored_response'],
        removeExpired: (most) => responses.removeExpired(most),
      },
      {
        name: 'conversations',
        tables: ['conversation', 'turn', 'reply', 'tool_call', 'chat_pair', 'artifact_use', 'embedding', 'summary'],
        removeExpired: (most) => conversations.removeExpired(most),
      },
      {
        name: 'leftovers of conversations',
        tables: ['artifact'],
        removeExpired: (most) => conversations.removeLeftovers(most),
      },
      {
        name: 'what was forgotten',
        tables: ['forgotten', 'forgotten_request', 'forgotten_principal'],
        removeExpired: (most) => forgotten.removeExpired(most),
      },
      {
        name: 'lineage',
        tables: ['flow', 'flow_source', 'flow_step'],
        removeExpired: (most) => flows.removeExpired(most),
      },
      {
        name: 'events',
        tables: ['bus_event', 'bus_delivery', 'dead_letter'],
        removeExpired: (most) => bus.removeExpired(most),
      },
    ],
  })
  logger.info({ engine: database.engine, version: database.version, place: database.place }, 'the store is open')
  return {
    engine: database.engine,
    place: database.place,
    ...families,
    exportPage: (wish) => exportPage(database.query, wish),
    within: boundedMemo(tenantsMax, (tenant) => familiesOver(database.within(tenant), clock)),
    forget: (wish) => forget(database.query, wish),
    bus,
    ping: async () => void (await sql`select 1`.execute(database.query)),
    isClosed: database.isClosed,
    async close() {
      await sweeper.close()
      await database.close()
    },
  }
}

/** Views that are kept ready; they are small, and made anew in microseconds. */
const tenantsMax = 256

function familiesOver(query: Kysely<Tables>, clock: Clock): StoreFamilies {
  return {
    responses: new StoredResponses({ query, clock }),
    conversations: new Conversations(query),
    turns: new Turns(query),
    forgotten: new ForgottenRequests(query),
    artifacts: new Artifacts(query),
    recall: new RecallQueries(query),
    records: new MemoryRecords(query),
    flows: new Flows(query),
    embeddings: new Embeddings(query),
    summaries: new Summaries(query),
  }
}

/** The one made first makes room. */
function boundedMemo<Value>(most: number, make: (key: string) => Value): (key: string) => Value {
  const made = new Map<string, Value>()
  return (key) => {
    const found = made.get(key)
    if (found !== undefined) return found
    for (const oldest of made.keys().take(Math.max(0, made.size - most + 1))) made.delete(oldest)
    const value = make(key)
    made.set(key, value)
    return value
  }
}
