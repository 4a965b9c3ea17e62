import type { Usage } from '../../core/chat/reply-part.ts'

/** Of English prose, by the tokenizers of current models. */
const charactersPerToken = 4

/** A guess for engines that do not count; clients add these numbers up, and take none for a fault. */
export function estimateTokens(textLength: number): number {
  return Math.max(1, Math.ceil(textLength / charactersPerToken))
}

/** What was read again counts apart from what came out of the cache; the whole prompt is the sum. */
export function writeUsage({ promptTokens, cachedTokens = 0, completionTokens, reasoningTokens }: Usage): object {
  return {
    ...(promptTokens !== undefined && {
      input_tokens: Math.max(0, promptTokens - cachedTokens),
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: cachedTokens,
    }),
    output_tokens: completionTokens ?? 0,
    ...(reasoningTokens !== undefined && { output_tokens_details: { thinking_tokens: reasoningTokens } }),
  }
}
