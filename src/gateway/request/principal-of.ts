import type { Exchange } from '../../http/exchange.ts'

/** Whose request it is, as a name for what is kept apart. */
export function principalOf({ principal }: Pick<Exchange, 'principal'>): string {
  return principal?.id ?? 'anonymous'
}
