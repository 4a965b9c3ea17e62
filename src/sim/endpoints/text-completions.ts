import { buildInfo } from '../engine.ts'
import { jsonBody } from '../exchange.ts'
import type { Exchange } from '../exchange.ts'
import { parseCompletionBody } from '../generation-body.ts'
import { replyText, serveGeneration, usageOf } from '../serve-generation.ts'
import type { ReplyFormat } from '../serve-generation.ts'

/** `POST /v1/completions` */
export async function textCompletions(exchange: Exchange): Promise<void> {
  const request = parseCompletionBody(jsonBody(exchange.request))
  await serveGeneration(exchange, request, textFormat(exchange))
}

function textFormat({ engine }: Exchange): ReplyFormat {
  const common = {
    created: engine.createdSeconds(),
    model: engine.settings.model,
    system_fingerprint: buildInfo,
    object: 'text_completion',
  }
  const id = `chatcmpl-${engine.nextId()}`
  const choice = (text: string, finishReason: string | null): unknown[] => [
    { text, index: 0, logprobs: null, finish_reason: finishReason },
  ]
  return {
    opening: [],
    progress: (beside) => ({ choices: choice('', null), ...common, id, ...beside }),
    piece: ({ text }, beside) => ({ choices: choice(text, null), ...common, id, ...beside }),
    // Unlike chat, the last event carries the usage whether or not it was asked for.
    ending: (result) => [
      { choices: choice('', result.finishReason), ...common, usage: usageOf(result), id, timings: result.timings },
      '[DONE]',
    ],
    whole: (result) => ({
      choices: choice(replyText(result.pieces), result.finishReason),
      ...common,
      usage: usageOf(result),
      id,
      timings: result.timings,
    }),
  }
}
