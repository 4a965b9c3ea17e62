import { LlmrError } from '../../core/error.ts'

/**
 * A refusal with the challenge that HTTP asks for. Only Bearer is offered, although Basic is accepted: a Basic challenge
 * would make browsers ask for the key, keep it, and attach it to requests that other sites start.
 *
 * @param message never holds any part of the credential.
 * @param facts `isTokenAtFault`: there was a credential, and it is the reason (RFC 6750, section 3.1).
 */
export function unauthenticated(message: string, facts: { isTokenAtFault?: boolean; cause?: unknown } = {}): LlmrError {
  const challenge = facts.isTokenAtFault === true ? 'Bearer realm="llmr", error="invalid_token"' : 'Bearer realm="llmr"'
  return new LlmrError('unauthenticated', message, {
    headers: { 'www-authenticate': challenge },
    isRetryable: false,
    cause: facts.cause,
  })
}
