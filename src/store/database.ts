import type { ColumnType, Generated, Kysely } from 'kysely'

import type { TurnOutcome } from '../core/turn.ts'
import type { FlowSourceTable, FlowStepTable, FlowTable } from './flow-tables.ts'

/**
 * Every table by its name in the schema `llmr`: what a row is when read, and what may be written. The tables themselves
 * are made by `migrations/`; this is their description for the compiler.
 *
 * Columns of type `json` are written as text that is JSON already: the drivers would take a list for an SQL array.
 */
export interface Tables {
  readonly stored_response: StoredResponseTable
  readonly conversation: ConversationTable
  readonly turn: TurnTable
  readonly reply: ReplyTable
  readonly tool_call: ToolCallTable
  readonly artifact: ArtifactTable
  readonly artifact_use: ArtifactUseTable
  readonly chat_pair: ChatPairTable
  readonly forgotten: ForgottenTable
  readonly forgotten_request: ForgottenRequestTable
  readonly forgotten_principal: ForgottenPrincipalTable
  readonly flow: FlowTable
  readonly flow_source: FlowSourceTable
  readonly flow_step: FlowStepTable
}

export interface StoredResponseTable {
  readonly tenant: string
  readonly principal: string
  readonly id: string
  readonly previous_id: string | null
  readonly model: string
  readonly status: ResponseStatus
  readonly created_at: Date
  readonly expires_at: Date
  readonly input_items: ColumnType<readonly unknown[], string, string>
  readonly output_items: ColumnType<readonly unknown[], string, string>
  readonly metadata: ColumnType<Readonly<Record<string, string>>, string, string>
  readonly fields: ColumnType<Readonly<Record<string, unknown>>, string, string>
  /** Of the four JSON columns, as UTF-8. */
  readonly bytes: number
}

export interface ConversationTable {
  readonly id: string
  readonly tenant: string
  readonly principal: string
  readonly source: string
  readonly external_key: string | null
  readonly sends_history: boolean | null
  readonly title: string | null
  readonly created_at: Generated<Date>
  readonly last_at: Generated<Date>
  readonly expires_at: Date
}

export interface TurnTable {
  readonly id: NumberId
  readonly tenant: string
  readonly principal: string
  readonly conversation: string
  readonly parent_reply: BigNumber | null
  readonly depth: number
  readonly user_digest: Buffer
  readonly chain_hash: Buffer
  readonly kind: string
  readonly input: ColumnType<readonly unknown[] | null, string | null, string | null>
  readonly tokens: number | null
  readonly origin: 'live' | 'imported'
  readonly created_at: Generated<Date>
}

export interface ReplyTable {
  readonly id: NumberId
  readonly tenant: string
  readonly principal: string
  readonly turn: BigNumber
  readonly continues: BigNumber | null
  readonly request_id: string | null
  readonly correlation_id: string | null
  readonly status: TurnOutcome | 'open'
  readonly digest: Buffer | null
  readonly prefix_digest: Buffer | null
  readonly length: number | null
  readonly requested_model: string | null
  readonly model: string | null
  readonly backend: string | null
  readonly finish_reason: string | null
  readonly input: ColumnType<readonly unknown[] | null, string | null, string | null>
  readonly output: ColumnType<readonly unknown[] | null, string | null, string | null>
  readonly prompt_tokens: number | null
  readonly cached_tokens: number | null
  readonly completion_tokens: number | null
  readonly started_at: Date
  readonly finished_at: Date | null
}

export interface ToolCallTable {
  readonly reply: BigNumber
  readonly position: number
  readonly tenant: string
  readonly principal: string
  readonly call_id: string
  readonly name: string
  readonly arguments: string
  readonly result_artifact: Generated<string | null>
}

export interface ArtifactTable {
  readonly id: string
  readonly tenant: string
  readonly principal: string
  readonly kind: string
  readonly uri: string
  readonly sha256: Buffer
  readonly bytes: number
  readonly content: string | null
  readonly created_at: Generated<Date>
}

export interface ArtifactUseTable {
  readonly request_id: string
  readonly call_id: string
  readonly artifact: string
  readonly reply: BigNumber | null
  readonly tenant: string
}

export interface ChatPairTable {
  readonly request_id: string
  readonly correlation_id: string | null
  readonly reply: BigNumber
  readonly conversation: string
  readonly depth: number
  readonly tenant: string
  readonly principal: string
  readonly user_text: string
  readonly reply_text: string
  readonly created_at: Date
}

export interface ForgottenTable {
  readonly conversation: string
  readonly forgotten_at: Generated<Date>
}

export interface ForgottenRequestTable {
  readonly request_id: string
  readonly forgotten_at: Generated<Date>
}

export interface ForgottenPrincipalTable {
  readonly who: Buffer
  readonly forgotten_at: Generated<Date>
}

/** Which of the two it is when read depends on the engine: ask for `id::text`. */
type BigNumber = ColumnType<string | number, string, string>

type NumberId = ColumnType<string | number, never, never>

const responseStatuses = ['in_progress', 'completed', 'incomplete', 'failed', 'cancelled'] as const

export type ResponseStatus = (typeof responseStatuses)[number]

/** Everything of llmr's lies in a schema of its own, beside whatever else a shared database holds. */
export const schemaName = 'llmr'

/** A database that answers; nothing is known yet of what is in it. */
export interface Database {
  readonly engine: 'pglite' | 'postgresql'
  /** As the server says it, such as `17.12`. */
  readonly version: string
  /** For people: the folder, or host, port and name of the database. Holds no password. */
  readonly place: string
  /** Looks into the schema `llmr`, at the rows of every tenant. */
  readonly query: Kysely<Tables>
  /** Shows and takes the rows of one tenant alone, where the database has row-level security for this user. */
  readonly within: (tenant: string) => Kysely<Tables>
  /** True once nothing more can be asked: after `close`, or when the embedded database's thread has died. */
  readonly isClosed: () => boolean
  /** Ends within 20 s, waiting for work in hand. May be called twice. */
  close(): Promise<void>
}
