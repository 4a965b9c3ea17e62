import { LlmrError } from '../../core/error.ts'
import type { GatewayInput } from '../gateway-options.ts'

/** @throws LlmrError with what is wrong; the old configuration stays then */
export async function loadAgain({ load }: { readonly load: () => Promise<GatewayInput> }): Promise<GatewayInput> {
  try {
    return await load()
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new LlmrError('invalid_request', `The configuration is not usable, the old one stays: ${problem}`, { cause })
  }
}
