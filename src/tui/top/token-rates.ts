import type { TopRequest } from './top-snapshot.ts'

type Spoken = Pick<TopRequest, 'startedAtMs' | 'durationMs' | 'firstByteMs' | 'completionTokens'>

/**
 * Tokens a second in each of the last `parts` stretches of `partMs`. Only requests that have ended are known, so the tokens
 * of each are spread evenly from its first byte to its last.
 */
export function tokenRates(
  requests: readonly Spoken[],
  { nowMs, partMs, parts }: { readonly nowMs: number; readonly partMs: number; readonly parts: number },
): readonly number[] {
  const beginMs = nowMs - parts * partMs
  return Array.from({ length: parts }, (_, part) => {
    const fromMs = beginMs + part * partMs
    const tokens = requests.reduce((sum, request) => sum + tokensWithin(request, { fromMs, toMs: fromMs + partMs }), 0)
    return (tokens * 1_000) / partMs
  })
}

function tokensWithin(request: Spoken, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): number {
  const { startedAtMs, durationMs, firstByteMs = 0, completionTokens = 0 } = request
  const endMs = startedAtMs + durationMs
  // A reply in one piece has its first byte at its end; it was made all along.
  const beginMs = firstByteMs < durationMs * 0.95 ? startedAtMs + firstByteMs : startedAtMs
  const spanMs = Math.max(1, endMs - beginMs)
  const sharedMs = Math.min(beginMs + spanMs, toMs) - Math.max(beginMs, fromMs)
  return sharedMs <= 0 ? 0 : (completionTokens * sharedMs) / spanMs
}

/** Of one request, while it was answered; undefined: nothing is known. */
export function tokenRateOf({ durationMs, firstByteMs = 0, completionTokens }: Spoken): number | undefined {
  if (completionTokens === undefined || completionTokens === 0 || durationMs <= 0) return undefined
  const spokenMs = firstByteMs < durationMs * 0.95 ? durationMs - firstByteMs : durationMs
  return (completionTokens * 1_000) / spokenMs
}
