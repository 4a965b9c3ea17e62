import type { StoreErrorCode } from '../store-error.ts'

/** What the thread of the embedded database is started with. */
export interface WorkerInput {
  /** Where the lock and the database's own folder are kept; made when it is not there. */
  readonly folder: string
}

export type ToWorker =
  | { readonly type: 'query'; readonly id: number; readonly text: string; readonly parameters: readonly unknown[] }
  /** Answered by the end of the thread. */
  | { readonly type: 'close' }

export type FromWorker =
  | { readonly type: 'opened'; readonly version: string }
  /** The last message: the thread ends. */
  | { readonly type: 'not-opened'; readonly code: StoreErrorCode; readonly message: string }
  | { readonly type: 'result'; readonly id: number; readonly result: QueryResult }
  | { readonly type: 'error'; readonly id: number; readonly error: QueryError }

export interface QueryResult {
  readonly command: string
  readonly rowCount: number
  readonly rows: readonly unknown[]
}

/** The fields of PostgreSQL's error that callers decide by; an Error's own fields do not survive the way. */
export interface QueryError {
  readonly message: string
  /** SQLSTATE, five characters. */
  readonly code?: string
  readonly constraint?: string
  readonly detail?: string
}
