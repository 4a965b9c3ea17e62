import type { LlmrError } from '../../core/error.ts'

/** A plain string: clients print whatever stands here, and an object as `[object Object]`. */
export function errorBody(error: LlmrError): { readonly error: string } {
  return { error: messageOf(error) }
}

/** Clients of this dialect get no code, so what they act on has to stand in the text. */
function messageOf({ code, message, facts }: LlmrError): string {
  if (code === 'model_not_found') return `model not found: ${message}`
  if (code !== 'context_length_exceeded') return message
  const { promptTokens, contextLength } = facts.overflow ?? {}
  if (contextLength === undefined) return `the input length exceeds the context length: ${message}`
  const length = promptTokens === undefined ? '' : ` of ${promptTokens} tokens`
  return `the input length${length} exceeds the context length of ${contextLength} tokens`
}
