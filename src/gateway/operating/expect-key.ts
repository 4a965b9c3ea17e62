import { LlmrError } from '../../core/error.ts'
import { anonymous } from '../../http/auth/anonymous.ts'
import type { Exchange } from '../../http/exchange.ts'

/**
 * What people said is for nobody without a key, also where nothing else needs one: any program of anybody with an account
 * on this machine could ask.
 *
 * @throws LlmrError `forbidden`
 */
export function expectKey({ principal }: Pick<Exchange, 'principal'>): void {
  if (principal === anonymous)
    throw new LlmrError('forbidden', 'This is about what people said, so it needs a key with the scope admin.')
}
