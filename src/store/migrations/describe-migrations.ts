import type { Migration } from './migration-files.ts'
import type { AppliedMigration } from './plan-migrations.ts'

export interface MigrationStanding {
  readonly number: number
  readonly name: string
  /** `unknown`: applied by a newer llmr. `changed`: what was applied is not what this llmr has under the number. */
  readonly state: 'applied' | 'missing' | 'unknown' | 'changed'
  readonly appliedAt?: Date
  readonly appliedBy?: string
}

/** Every migration that the database or this llmr knows, by number. */
export function describeMigrations({
  known,
  applied,
}: {
  readonly known: readonly Migration[]
  readonly applied: readonly AppliedMigration[]
}): readonly MigrationStanding[] {
  const done = new Map(applied.map((migration) => [migration.number, migration]))
  const own = new Map(known.map((migration) => [migration.number, migration]))
  const numbers = Array.from(new Set([...own.keys(), ...done.keys()])).toSorted((one, other) => one - other)
  return numbers.map((number) => {
    const there = done.get(number)
    const here = own.get(number)
    const name = there?.name ?? here?.name ?? ''
    if (there === undefined) return { number, name, state: 'missing' }
    const state = here === undefined ? 'unknown' : here.sha256 === there.sha256 ? 'applied' : 'changed'
    return { number, name, state, appliedAt: there.appliedAt, appliedBy: there.appliedBy }
  })
}
