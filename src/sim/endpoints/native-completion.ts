import { jsonBody } from '../exchange.ts'
import type { Exchange } from '../exchange.ts'
import { parseCompletionBody } from '../generation-body.ts'
import type { GenerationResult } from '../generate.ts'
import type { JsonObject } from '../json-fields.ts'
import type { GenerationRequest } from '../reply-plan.ts'
import { replyText, serveGeneration } from '../serve-generation.ts'
import type { ReplyFormat } from '../serve-generation.ts'
import { detokenize, tokenize } from '../tokenizer.ts'

/** `POST /completion`: the engine's own form, whose stream ends without `[DONE]`. */
export async function nativeCompletion(exchange: Exchange): Promise<void> {
  const request = parseCompletionBody(jsonBody(exchange.request))
  await serveGeneration(exchange, request, nativeFormat(exchange, request))
}

/** `POST /infill`: the text between a prefix and a suffix. */
export async function infill(exchange: Exchange): Promise<void> {
  const body = jsonBody(exchange.request)
  const { input_prefix: prefix = '', prompt = '', input_suffix: suffix = '' } = body
  const request = parseCompletionBody({ ...body, prompt: `${String(prefix)}${String(prompt)}${String(suffix)}` })
  await serveGeneration(exchange, request, nativeFormat(exchange, request))
}

function nativeFormat({ engine }: Exchange, request: GenerationRequest): ReplyFormat {
  const evaluated = request.prompt.length
  const last = (result: GenerationResult, content: string): JsonObject => ({
    index: 0,
    content,
    tokens: [],
    id_slot: result.slotId,
    stop: true,
    model: engine.settings.model,
    tokens_predicted: result.timings.predicted_n,
    tokens_evaluated: evaluated,
    generation_settings: generationSettings(request, engine.settings.seed),
    prompt: detokenize(request.prompt),
    has_new_line: replyText(result.pieces).includes('\n'),
    truncated: false,
    stop_type: stopType(result),
    stopping_word: result.stopText,
    tokens_cached: evaluated + result.timings.predicted_n - 1,
    timings: result.timings,
  })
  const step = (content: string, tokens: readonly number[], predicted: number): JsonObject => ({
    index: 0,
    content,
    tokens,
    stop: false,
    id_slot: -1,
    tokens_predicted: predicted,
    tokens_evaluated: evaluated,
  })
  return {
    opening: [],
    progress: (beside) => ({ ...step('', [0], 0), ...beside }),
    piece: ({ text }, beside, timings) => ({ ...step(text, tokenize(text), timings.predicted_n), ...beside }),
    ending: (result) => [last(result, '')],
    whole: (result) => last(result, replyText(result.pieces)),
  }
}

function generationSettings(request: GenerationRequest, seed: number): JsonObject {
  const limit = request.maxTokens ?? -1
  return { seed, stop: request.stop, max_tokens: limit, n_predict: limit, stream: request.isStream }
}

function stopType({ finishReason, stopText }: GenerationResult): string {
  if (stopText !== '') return 'word'
  return finishReason === 'length' ? 'limit' : 'eos'
}
