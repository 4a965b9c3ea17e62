import { StoreError } from '../store-error.ts'
import type { Migration } from './migration-files.ts'

/** A step that a database has behind it. */
export interface AppliedMigration {
  readonly number: number
  readonly name: string
  readonly sha256: string
  readonly appliedAt: Date
  /** The version of llmr that applied it. */
  readonly appliedBy: string
}

/**
 * What is to be applied, in order, so that the database has every migration this llmr knows.
 *
 * @throws StoreError `schema_too_new` when the database has one that this llmr does not know: what it would write could
 * be wrong by rules that it has never seen. `migration_changed` when both know a number and mean different things by it.
 */
export function planMigrations({
  known,
  applied,
}: {
  readonly known: readonly Migration[]
  readonly applied: readonly AppliedMigration[]
}): readonly Migration[] {
  const knownByNumber = new Map(known.map((migration) => [migration.number, migration]))
  const unknown = applied.findLast(({ number }) => !knownByNumber.has(number))
  if (unknown !== undefined) {
    throw new StoreError(
      'schema_too_new',
      `The database has migration ${unknown.name}, applied by llmr ${unknown.appliedBy}; this llmr knows up to ` +
        `${known.at(-1)?.name ?? 'none'}. Run that version of llmr or a newer one, or use another database.`,
    )
  }
  const changed = applied.find(({ number, sha256 }) => knownByNumber.get(number)?.sha256 !== sha256)
  if (changed !== undefined) {
    throw new StoreError(
      'migration_changed',
      `The database has migration ${changed.name} (sha256 ${changed.sha256.slice(0, 12)}…, applied by llmr ` +
        `${changed.appliedBy}), and the one of this llmr has another content. Applied migrations are never edited: ` +
        'put the file back as it was released, or use another database.',
    )
  }
  const done = new Set(applied.map(({ number }) => number))
  return known.filter(({ number }) => !done.has(number))
}
