import { StoreError } from '../store-error.ts'

/**
 * A backup is JSON lines: a header, then for each table its name and columns followed by its rows, then an end with the
 * number of rows. A row is a list of texts as PostgreSQL itself writes and reads values, or null; so every type survives,
 * and what one engine wrote the other can read.
 */
export interface BackupHeader {
  readonly format: 'llmr-store'
  readonly version: 1
  readonly llmr: string
  readonly createdAt: string
  /** What the schema had behind it. */
  readonly migrations: readonly BackupMigration[]
}

export interface BackupMigration {
  readonly number: number
  readonly name: string
  readonly sha256: string
}

export type BackupLine =
  | { readonly type: 'table'; readonly table: string; readonly columns: readonly string[] }
  | { readonly type: 'row'; readonly values: readonly (string | null)[] }
  | { readonly type: 'end'; readonly rows: number }

/** @throws StoreError `backup_unreadable` */
export function parseHeader(line: string): BackupHeader {
  const value = parseObject(line)
  if (value['format'] !== 'llmr-store') throw unreadable('this is no backup of a store')
  if (value['version'] !== 1) {
    throw unreadable(`its format has version ${String(value['version'])}, this llmr reads version 1`)
  }
  const migrations = value['migrations']
  if (!Array.isArray(migrations) || !migrations.every(isMigration)) throw unreadable('its header lists no migrations')
  return {
    format: 'llmr-store',
    version: 1,
    llmr: String(value['llmr']),
    createdAt: String(value['createdAt']),
    migrations,
  }
}

/** @throws StoreError `backup_unreadable` */
export function parseBackupLine(line: string): BackupLine {
  const value = parseJson(line)
  if (isTexts(value)) return { type: 'row', values: value }
  if (typeof value === 'object' && value !== null) {
    if ('table' in value && typeof value.table === 'string' && 'columns' in value && isNames(value.columns)) {
      return { type: 'table', table: value.table, columns: value.columns }
    }
    if ('end' in value && typeof value.end === 'number') return { type: 'end', rows: value.end }
  }
  throw unreadable('one of its lines is neither a table, nor a row, nor the end')
}

export function unreadable(why: string): StoreError {
  return new StoreError('backup_unreadable', `The backup cannot be read: ${why}. Nothing was changed.`)
}

function parseObject(line: string): Readonly<Record<string, unknown>> {
  const value = parseJson(line)
  if (typeof value !== 'object' || value === null) throw unreadable('this is no backup of a store')
  return value as Readonly<Record<string, unknown>>
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw unreadable('one of its lines is not JSON')
  }
}

function isMigration(value: unknown): value is BackupMigration {
  return (
    typeof value === 'object' &&
    value !== null &&
    'number' in value &&
    typeof value.number === 'number' &&
    'name' in value &&
    typeof value.name === 'string' &&
    'sha256' in value &&
    typeof value.sha256 === 'string'
  )
}

function isTexts(value: unknown): value is readonly (string | null)[] {
  return Array.isArray(value) && value.every((one) => one === null || typeof one === 'string')
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
