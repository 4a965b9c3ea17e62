import { LlmrError } from '../../../core/error.ts'
import { parseForeignJson, textAt } from '../../../core/foreign-json.ts'
import { apiVersion, writeRunning, writeShow, writeTags } from '../../../dialects/ollama/write-models.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { OllamaWish } from '../../../http/routes/purpose.ts'
import { type ProbeParts, shownModel, shownModels } from './shown-models.ts'

/** What Ollama would answer to questions about models. @throws LlmrError */
export async function answerOllama(
  exchange: Exchange,
  wish: OllamaWish,
  parts: ProbeParts & { readonly startedAtS: number; readonly nowMs: number },
): Promise<void> {
  const startedAtMs = parts.startedAtS * 1000
  switch (wish.type) {
    case 'version':
      exchange.replyJson(200, { version: apiVersion })
      return
    case 'tags':
      exchange.replyJson(200, writeTags(shownModels(exchange, parts), startedAtMs))
      return
    case 'running':
      exchange.replyJson(200, writeRunning(shownModels(exchange, parts), parts.nowMs))
      return
    case 'show': {
      const model = shownModel(exchange, await nameIn(exchange), parts)
      exchange.replyJson(200, writeShow(model, startedAtMs))
      return
    }
    case 'manage':
      throw new LlmrError(
        'not_supported',
        `llmr does not ${wish.what} models: which there are, its operator says in llmr.yaml or in a profile. GET /api/tags lists them.`,
        { isRetryable: false },
      )
  }
}

/** In the body or the query; clients call it `model`, or `name` as it was called before. */
async function nameIn(exchange: Exchange): Promise<string | undefined> {
  const query = new URLSearchParams(exchange.query)
  const json = exchange.record.method === 'POST' ? parseForeignJson((await exchange.readBody()).toString()) : undefined
  return textAt(json, 'model') || textAt(json, 'name') || query.get('model') || query.get('name') || undefined
}
