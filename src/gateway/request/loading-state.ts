import type { IncomingHttpHeaders } from 'node:http'

import { LlmrError } from '../../core/error.ts'
import { type LoadingState, loadingStates } from '../../core/wait-progress.ts'

export const loadingHeader = 'x-llmr-loading'

/**
 * How the client wants its waiting shown; undefined: it does not say. To another gateway nothing is shown unasked: as
 * long as it has no byte of a reply it can go elsewhere.
 *
 * @throws LlmrError `invalid_request` for a word that is none of them
 */
export function askedLoadingState(headers: IncomingHttpHeaders): LoadingState | undefined {
  const asked = headers[loadingHeader]
  if (asked === undefined) return headers['x-llmr-hop'] === undefined ? undefined : 'off'
  const found = loadingStates.find((state) => state === asked)
  if (found !== undefined) return found
  throw new LlmrError(
    'invalid_request',
    `Expected ${loadingHeader} to be one of ${loadingStates.join(', ')}; it is "${String(asked).slice(0, 40)}".`,
    { param: loadingHeader, isRetryable: false },
  )
}
