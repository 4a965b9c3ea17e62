import type { LlmrError } from '../../core/error.ts'

/**
 * The sentence by which agents know that the prompt was too long, and compact it instead of giving up: they match on
 * these words and read both numbers, so it is not ours to improve.
 */
export function contextOverflowMessage({ message, facts }: LlmrError): string {
  const { promptTokens, contextLength } = facts.overflow ?? {}
  if (contextLength === undefined) return `The prompt exceeds this model's maximum context length. ${message}`
  const prompt =
    promptTokens === undefined ? 'your prompt is longer' : `your prompt contains ${promptTokens} input tokens`
  return (
    `This model's maximum context length is ${contextLength} tokens. However, ${prompt}. ` +
    'Please reduce the length of the messages.'
  )
}
