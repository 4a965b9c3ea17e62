import { afterAll } from 'vitest'

import type { StoreLocation } from '../../../src/store/open-database.ts'
import { realPostgres } from '../../services/postgres.ts'
import { emptyPglite } from '../../support/empty-pglite.ts'
import { pgliteAt, postgresqlAt } from './places.ts'

export { openTestStore, pgliteAt, postgresqlAt } from './places.ts'

/** Each engine that the same claims are made of, with an empty place on it for every test. */
export interface Engine {
  readonly name: StoreLocation['engine']
  /** Why there is none. */
  readonly skip: string | undefined
  readonly emptyPlace: () => Promise<StoreLocation>
}

const postgres = await realPostgres()

const postgresql: Engine =
  'skip' in postgres
    ? { name: 'postgresql', skip: postgres.skip, emptyPlace: () => Promise.reject(new Error(postgres.skip)) }
    : { name: 'postgresql', skip: undefined, emptyPlace: async () => postgresqlAt(await postgres.createDatabase()) }

export const engines: readonly Engine[] = [
  { name: 'pglite', skip: undefined, emptyPlace: async () => pgliteAt(await emptyPglite()) },
  postgresql,
]

afterAll(async () => {
  if (!('skip' in postgres)) await postgres.close()
})
