import type { StoreConfig } from '../../config/schema.ts'
import type { StoreLocation } from '../../store/open-database.ts'
import { StoreError } from '../../store/store-error.ts'

export interface StoreSettings {
  readonly location: StoreLocation
  readonly migrates: boolean
  readonly responsesKeepMs: number
}

/**
 * Where the store is: `store.url`, else `DATABASE_URL`, else the embedded database in the data folder.
 *
 * @throws StoreError when `DATABASE_URL` is set and names no PostgreSQL: to keep things elsewhere than the operator meant
 * would show only when they are missed.
 */
export function storeSettings(
  store: StoreConfig,
  {
    env,
    dataDirectory,
  }: { readonly env: Readonly<Record<string, string | undefined>>; readonly dataDirectory: string },
): StoreSettings {
  const databaseUrl = store.url ?? databaseUrlOf(env)
  return {
    location:
      databaseUrl === undefined || databaseUrl === 'embedded'
        ? { engine: 'pglite', dataDirectory }
        : {
            engine: 'postgresql',
            databaseUrl,
            connectionsMax: store.connections,
            statementTimeoutMs: store.statement_timeout,
          },
    migrates: store.auto_migrate,
    responsesKeepMs: store.responses.keep,
  }
}

function databaseUrlOf(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const url = env['DATABASE_URL']
  if (url === undefined || url === '') return undefined
  if (/^postgres(?:ql)?:\/\//.test(url)) return url
  const [scheme = ''] = url.split('://')
  throw new StoreError(
    'database_unreachable',
    `DATABASE_URL names a database of another kind (${scheme.slice(0, 20)}), expected postgres://. If it is meant for ` +
      'another program, set store.url in llmr.yaml to a PostgreSQL database or to embedded.',
  )
}
