/** Why a store cannot be opened or used, for programs; the message is for people and ends in something to do. */
export type StoreErrorCode =
  /** Another process, or another part of this one, has the folder open. */
  | 'store_locked'
  /** The folder cannot be made or read, or belongs to another major version. */
  | 'store_folder_unusable'
  | 'database_unreachable'
  | 'database_too_old'
  | 'pgvector_missing'
  /** Migrated by a newer llmr. */
  | 'schema_too_new'
  /** Migrations are missing, and this process is not to apply them. */
  | 'schema_outdated'
  /** An applied migration is not the one this llmr has under its number. */
  | 'migration_changed'
  | 'migration_failed'
  /** Closed, or the database's own thread has died. */
  | 'store_closed'
  /** Too many calls wait already. */
  | 'store_busy'
  | 'backup_unreadable'
  /** A backup is put back only into a store that holds nothing. */
  | 'store_not_empty'

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
  }
}
