import type { ChatRequest, Completion } from '../../core/chat/chat-request.ts'
import { withoutUndefined } from '../../core/without-undefined.ts'
import type { ChatAbilities } from './chat-abilities.ts'
import { samplingFields } from './write-chat-request.ts'

export interface WriteCompletionOptions {
  readonly model: string
  readonly abilities: ChatAbilities
  /** Where it is sent: `/infill` takes a gap in words of its own. */
  readonly path: string
}

/** The body of a request for text to go on with, or for the gap before a suffix. */
export function writeCompletionRequest(
  completion: Completion,
  request: ChatRequest,
  { model, abilities, path }: WriteCompletionOptions,
): Record<string, unknown> {
  const { isStream, maxTokens, extras, responseFormat } = request
  const schema = responseFormat?.type === 'schema' ? responseFormat.schema : undefined
  return withoutUndefined({
    ...(abilities.takesExtras ? { ...extras, json_schema: schema } : {}),
    model,
    ...(path.endsWith('/infill') ? infillFields(completion, maxTokens) : openaiFields(completion, maxTokens)),
    stream: isStream,
    stream_options: isStream && !path.endsWith('/infill') ? { include_usage: true } : undefined,
    ...samplingFields(request, abilities),
  })
}

function infillFields({ prompt, suffix = '' }: Completion, maxTokens: number | undefined): object {
  return { input_prefix: prompt, input_suffix: suffix, prompt: '', n_predict: maxTokens }
}

function openaiFields({ prompt, suffix }: Completion, maxTokens: number | undefined): object {
  return { prompt, suffix, max_tokens: maxTokens }
}
