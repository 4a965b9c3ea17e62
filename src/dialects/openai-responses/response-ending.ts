import type { FinishReason } from '../../core/chat/reply-part.ts'

/** Status and reason of a response that came to its end. */
export function endingOf(reason: FinishReason): {
  readonly status: 'completed' | 'incomplete'
  readonly incomplete_details: { readonly reason: string } | null
} {
  if (reason === 'length') return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }
  if (reason === 'filtered') return { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }
  return { status: 'completed', incomplete_details: null }
}

/** What was said last is not whole. */
export function isCutShort(reason: FinishReason): boolean {
  return endingOf(reason).status === 'incomplete'
}
