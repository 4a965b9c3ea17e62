export interface RestoreOutcome {
  /** Tokens that the engine said it had put back. */
  readonly restoredTokens: number
  /** Tokens of the first prompt after that, of the same conversation. */
  readonly promptTokens: number
  /** How many of those it took from its cache: `timings.cache_n` or `usage.prompt_tokens_details.cached_tokens`. */
  readonly cachedTokens: number
}

/**
 * Whether a restore did any good. Some models say that they have restored and use nothing of it: those with recurrent
 * layers or a sliding window. The client may have edited its last messages, so the half is enough.
 */
export function judgeRestore({ restoredTokens, promptTokens, cachedTokens }: RestoreOutcome): 'used' | 'missed' {
  return cachedTokens * 2 >= Math.min(restoredTokens, promptTokens) ? 'used' : 'missed'
}

export interface RestoreCost {
  readonly bytes: number
  readonly tokens: number
  readonly diskBytesPerSecond: number
  readonly prefillTokensPerSecond: number
}

/** Reading the state back must be quicker than computing it again. */
export function isRestoreWorthwhile(cost: RestoreCost): boolean {
  return cost.bytes / cost.diskBytesPerSecond < cost.tokens / cost.prefillTokensPerSecond
}
