import { StoreError } from '../store-error.ts'

/** What the server said about itself. */
export interface ServerFacts {
  /** `server_version_num`, such as 170012. */
  readonly versionNumber: number
  readonly version: string
  /** Of pgvector: installed in this database, or else there to be installed. */
  readonly pgvector: string | undefined
  /** The user that llmr logs in as, where no policy binds it. */
  readonly unboundUser: string | undefined
}

/** For unique constraints over nulls. */
const versionMin = 15

/** From here on an index over vectors cannot be read beyond its end. */
const pgvectorAdvised = '0.8.4'

/**
 * Judges whether the server will do.
 *
 * @returns what the operator should be told all the same.
 * @throws StoreError `database_too_old`, `pgvector_missing`
 */
export function checkServer({ versionNumber, version, pgvector, unboundUser }: ServerFacts): readonly string[] {
  if (versionNumber < versionMin * 10_000) {
    throw new StoreError(
      'database_too_old',
      `Expected PostgreSQL ${versionMin} or newer, this server is ${version}. Upgrade it, or leave DATABASE_URL and ` +
        'store.url away to use the embedded database.',
    )
  }
  if (pgvector === undefined) {
    throw new StoreError(
      'pgvector_missing',
      'This PostgreSQL server does not have the extension pgvector. Install it (Debian: postgresql-' +
        `${Math.floor(versionNumber / 10_000)}-pgvector) and start llmr again; llmr creates the extension itself.`,
    )
  }
  return [
    ...(compareVersions(pgvector, pgvectorAdvised) >= 0
      ? []
      : [`pgvector ${pgvector} works; ${pgvectorAdvised} or newer is advised, which mends faults of its indexes.`]),
    ...(unboundUser === undefined
      ? []
      : [
          `The database user "${unboundUser}" is a superuser or may bypass row-level security, so the database's own wall ` +
            'between tenants does not hold it. Let llmr log in as an ordinary user that owns its schema.',
        ]),
  ]
}

function compareVersions(left: string, right: string): number {
  const others = right.split('.').map(Number)
  const differences = left.split('.').map((part, index) => Number(part) - (others[index] ?? 0))
  return differences.find((difference) => difference !== 0) ?? 0
}
