import type { Principal } from '../../core/principal.ts'

/**
 * Whoever asks while auth is off. Auth can only be off on loopback (`checkBind`), and pages of other sites are kept out
 * by the browser guard; so this is a program of somebody with an account on this machine, and may do what the operator
 * may, but not speak for others as a gateway does. There is no key that could forbid leaving: the model's own `may_leave`, which
 * the operator has to write, decides alone.
 */
export const anonymous: Principal = {
  id: 'anonymous',
  scopes: new Set(['chat', 'admin', 'metrics'] as const),
  mayLeave: 'cloud',
}
