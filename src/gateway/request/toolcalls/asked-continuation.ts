import type { ReplyCare } from '../../configure/toolcall-settings.ts'

/** Rounds for a request that asks for it where nothing is configured. */
const roundsAsked = 3

/** @param header `x-llmr-continue` of the request: `off` or `on` counts above what is configured, else it says nothing */
export function askedContinuation(
  configured: ReplyCare['continuation'],
  header: string | string[] | undefined,
): ReplyCare['continuation'] {
  if (header === 'off') return { ...configured, rounds: 0 }
  if (header !== 'on' || configured.rounds > 0 || configured.tokens === 0) return configured
  return { ...configured, rounds: roundsAsked }
}
