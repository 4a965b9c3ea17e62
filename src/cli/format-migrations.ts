import { formatTable } from './table.ts'

interface Row {
  readonly name: string
  readonly state: string
  readonly appliedAt?: Date
  readonly appliedBy?: string
}

export function formatMigrations(migrations: readonly Row[]): string {
  return formatTable(
    ['MIGRATION', 'STATE', 'APPLIED', 'BY'],
    migrations.map(({ name, state, appliedAt, appliedBy }) => [
      name,
      state,
      appliedAt?.toISOString().slice(0, 19).replace('T', ' ') ?? '',
      appliedBy === undefined ? '' : `llmr ${appliedBy}`,
    ]),
  )
}
