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
  const rows = keys.map((key) => [
    key.name,
    key.tenant,
    key.scopes.join(','),
    key.models?.join(',') ?? 'all',
    expiry(key.expires, today),
    String(key.max_concurrent ?? '-'),
    String(key.requests_per_minute ?? '-'),
    key.may_leave ?? '-',
    key.trust_user_headers ? 'yes' : 'no',
    key.memory ?? '-',
  ])
  return formatTable(
    ['NAME', 'TENANT', 'SCOPES', 'MODELS', 'EXPIRES', 'CONCURRENT', 'RPM', 'MAY LEAVE', 'USER HEADERS', 'MEMORY'],
    rows,
  )
}

/** The day named is the last on which the key works. */
function expiry(expires: string | undefined, today: string): string {
  if (expires === undefined) return 'never'
  return expires < today ? `${expires} (over)` : expires
}
