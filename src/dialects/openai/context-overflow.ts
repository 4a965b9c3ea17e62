/**
 * The sentence by which clients know that the prompt was too long and compact it: they match on these words, so they are
 * not ours to improve. The code beside it is `context_length_exceeded`.
 */
export function contextOverflowMessage(facts: { promptTokens?: number; contextLength?: number }): string {
  const { promptTokens, contextLength } = facts
  const limit = contextLength === undefined ? 'shorter than your prompt' : `${contextLength} tokens`
  const asked = promptTokens === undefined ? 'more' : `${promptTokens} input tokens`
  return (
    `This model's maximum context length is ${limit}. However, your prompt contains ${asked}. ` +
    'Please reduce the length of the messages.'
  )
}
