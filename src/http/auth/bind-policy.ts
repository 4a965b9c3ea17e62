import { isLoopbackHost } from './loopback.ts'

export interface BindPlan {
  readonly host: string
  readonly isAuthRequired: boolean
  /** A key or token settings exist, whether or not they are asked for. */
  readonly hasCredentials: boolean
  readonly hasTls: boolean
}

export interface BindVerdict {
  /** Why the address must not be bound, and the way out. */
  readonly refusal?: string
  /** What to tell the operator at the start. */
  readonly warnings: readonly string[]
}

/** May llmr listen there? Anything that other machines reach needs auth, always. */
export function checkBind(plan: BindPlan): BindVerdict {
  const isReachable = !isLoopbackHost(plan.host)
  if (isReachable && !plan.isAuthRequired) return { refusal: refusal(plan), warnings: [] }
  const warnings: string[] = []
  if (plan.isAuthRequired && !plan.hasCredentials) warnings.push(nobodyCanAsk)
  if (isReachable && !plan.hasTls) warnings.push(plaintext(plan.host))
  return { warnings }
}

/**
 * `auth.required` as it counts: by default a gateway with something to check asks for it.
 *
 * @param auth `boundHost`: at a reload, the address that is listened on already, which the new settings cannot change.
 *   Off loopback auth then stays on whatever they say: when its last key is revoked, a gateway that others can reach must
 *   shut out everybody, and neither open to all nor go on with the key that was revoked.
 */
export function isAuthRequired(auth: {
  readonly required?: boolean
  readonly hasCredentials: boolean
  readonly boundHost?: string
}): boolean {
  if (auth.boundHost !== undefined && !isLoopbackHost(auth.boundHost)) return true
  return auth.required ?? auth.hasCredentials
}

function refusal({ host, hasCredentials }: BindPlan): string {
  const wayOut = hasCredentials
    ? 'Remove `auth.required: false`'
    : 'Make a key with `llmr keys create NAME` (auth is then on)'
  return `listen.host is "${host}", which other machines can reach, but auth is off. ${wayOut}, or listen on 127.0.0.1.`
}

const nobodyCanAsk =
  'auth.required is true but there is no key and no auth.jwt, so every request is answered 401. ' +
  'Make a key with `llmr keys create NAME`.'

function plaintext(host: string): string {
  return (
    `Keys and prompts travel unencrypted to "${host}". Set listen.tls, or put a proxy that speaks TLS in front and ` +
    'listen where only it can connect.'
  )
}
