import type { StoreErrorCode } from '../store-error.ts'

/** What the thread of the embedded database is started with. */
export interface WorkerInput {
  /** Where the lock and the database's own folder are kept; made when it is not there. */
  readonly folder: string
}

export type ToWorker =
  /** Of the protocol that PostgreSQL speaks with its clients. */
  | { readonly type: 'exchange'; readonly id: number; readonly bytes: Uint8Array }
  /** Answered by the end of the thread. */
  | { readonly type: 'close' }

export type FromWorker =
  | { readonly type: 'opened'; readonly version: string }
  /** The last message: the thread ends. */
  | { readonly type: 'not-opened'; readonly code: StoreErrorCode; readonly message: string }
  | { readonly type: 'answer'; readonly id: number; readonly bytes: Uint8Array }
  /** Not the database's word on a statement, which is among its bytes. */
  | { readonly type: 'error'; readonly id: number; readonly message: string }
