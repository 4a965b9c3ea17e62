import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Migration } from '../../../src/store/migrations/migration-files.ts'
import { readMigrations } from '../../../src/store/migrations/migration-files.ts'
import { planMigrations } from '../../../src/store/migrations/plan-migrations.ts'

const known: readonly Migration[] = [1, 2, 3, 4].map((number) => ({
  number,
  name: `000${number}-step`,
  text: `select ${number}`,
  sha256: `sum-of-${number}`,
}))

const applied = (migration: Migration) => ({ ...migration, appliedAt: new Date(0), appliedBy: '0.9.1' })

test('what a database lacks is applied in order, whatever it has', () => {
  fc.assert(
    fc.property(fc.subarray([...known]), (done) => {
      const pending = planMigrations({ known, applied: done.map(applied) })
      expect(pending).toEqual(known.filter((migration) => !done.includes(migration)))
    }),
  )
})

test('a schema newer than this llmr knows is refused, with the version that made it', () => {
  const newer = applied({ number: 5, name: '0005-new', text: '', sha256: 'x' })
  expect(() => planMigrations({ known, applied: [...known.map(applied), newer] })).toThrow(
    expect.objectContaining({
      code: 'schema_too_new',
      message: expect.stringMatching(/0005-new, applied by llmr 0\.9\.1; this llmr knows up to 0004-step/),
    }),
  )
})

test('an applied migration that reads otherwise now is refused by its name', () => {
  const changed = { ...applied(known[1]!), sha256: 'other' }
  expect(() => planMigrations({ known, applied: [applied(known[0]!), changed] })).toThrow(
    expect.objectContaining({ code: 'migration_changed', message: expect.stringContaining('0002-step') }),
  )
})

test('the shipped migrations are numbered from 1 without a gap', async () => {
  const shipped = await readMigrations()
  expect(shipped.length).toBeGreaterThan(0)
  expect(shipped.map(({ number }) => number)).toEqual(shipped.map((_, index) => index + 1))
})
