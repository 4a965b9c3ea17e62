import type { ChatOutline } from '../core/chat/chat-outline.ts'

/** Of English prose, by the tokenizers of current models; code has less, and Chinese about one. */
const charactersPerToken = 4

/** What an image costs in the models people run at home, give or take a factor of two; their number is not known here. */
const tokensForImages = 512

/** A guess without a tokenizer, good for telling what is clearly too long from what is not. */
export function approximateTokens({ textLength, hasImages }: Pick<ChatOutline, 'textLength' | 'hasImages'>): number {
  return Math.ceil(textLength / charactersPerToken) + (hasImages ? tokensForImages : 0)
}
