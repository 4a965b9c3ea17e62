import { defaultTenant } from '../core/principal.ts'
import { formatTable } from './table.ts'

/** What is shown of a key: never its digest. */
export interface ShownKey {
  readonly name: string
  readonly tenant: string
  readonly scopes: readonly string[]
  readonly models?: readonly string[]
  readonly expires?: string
  readonly may_leave?: string
  readonly trust_user_headers: boolean
  readonly memory?: string
  readonly max_concurrent?: number
  readonly requests_per_minute?: number
}

/** By name and not by leaving out: a field that is added to keys is not shown unless somebody decides so. */
export function shownKey(key: ShownKey): ShownKey {
  return {
    name: key.name,
    tenant: key.tenant,
    scopes: key.scopes,
    models: key.models,
    expires: key.expires,
    may_leave: key.may_leave,
    trust_user_headers: key.trust_user_headers,
    memory: key.memory,
    max_concurrent: key.max_concurrent,
    requests_per_minute: key.requests_per_minute,
  }
}

/** One line a key. */
export function formatKeys(keys: readonly ShownKey[], nowMs: number): string {
  const today = new Date(nowMs).toISOString().slice(0, 10)
  const columns: readonly Column[] = [
    { title: 'NAME', of: ({ name }) => name },
    { title: 'SCOPES', of: (key) => key.scopes.join(',') },
    { title: 'MODELS', of: (key) => key.models?.join(',') ?? 'all' },
    { title: 'EXPIRES', of: (key) => expiry(key.expires, today) },
    { title: 'TENANT', of: ({ tenant }) => tenant, plain: defaultTenant },
    { title: 'CONCURRENT', of: (key) => String(key.max_concurrent ?? '-'), plain: '-' },
    { title: 'RPM', of: (key) => String(key.requests_per_minute ?? '-'), plain: '-' },
    { title: 'MAY LEAVE', of: (key) => key.may_leave ?? '-', plain: '-' },
    { title: 'USER HEADERS', of: (key) => (key.trust_user_headers ? 'yes' : 'no'), plain: 'no' },
    { title: 'MEMORY', of: (key) => key.memory ?? '-', plain: '-' },
  ]
  const shown = columns.filter(({ of, plain }) => plain === undefined || keys.some((key) => of(key) !== plain))
  return formatTable(
    shown.map(({ title }) => title),
    keys.map((key) => shown.map(({ of }) => of(key))),
  )
}

interface Column {
  readonly title: string
  readonly of: (key: ShownKey) => string
  /** Where no key has anything else, the column is left out: all of them are wider than a terminal. */
  readonly plain?: string
}

/** The day named is the last on which the key works. */
function expiry(expires: string | undefined, today: string): string {
  if (expires === undefined) return 'never'
  return expires < today ? `${expires} (over)` : expires
}
