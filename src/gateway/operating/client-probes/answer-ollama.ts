import { LlmrError } from '../../../core/error.ts'
import { flagAt, parseForeignJson, textAt } from '../../../core/foreign-json.ts'
import { apiVersion, writeRunning, writeShow, writeTags } from '../../../dialects/ollama/write-models.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { OllamaWish } from '../../../http/routes/purpose.ts'
import { namedModel, type ProbeParts, shownModel, shownModels } from './shown-models.ts'

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
    case 'pull':
      return answerPull(exchange, parts)
    case 'manage':
      throw notManaged(wish.what)
  }
}

/** Many programs pull a model before they use it, whether or not it is there. One that is there has been pulled. */
async function answerPull(exchange: Exchange, parts: ProbeParts): Promise<void> {
  const json = parseForeignJson((await exchange.readBody()).toString())
  const name = textAt(json, 'model') || textAt(json, 'name') || ''
  if (namedModel(exchange, name, parts) === undefined) throw notManaged('pull')
  if (flagAt(json, 'stream') === false) exchange.replyJson(200, { status: 'success' })
  else exchange.reply(200, ['content-type', 'application/x-ndjson'], Buffer.from('{"status":"success"}\n'))
}

function notManaged(what: string): LlmrError {
  return new LlmrError(
    'not_supported',
    `llmr does not ${what} models: which there are, its operator says in llmr.yaml or in a profile. GET /api/tags lists them.`,
    { isRetryable: false },
  )
}

/** In the body or the query; clients call it `model`, or `name` as it was called before. */
async function nameIn(exchange: Exchange): Promise<string | undefined> {
  const query = new URLSearchParams(exchange.query)
  const json = exchange.record.method === 'POST' ? parseForeignJson((await exchange.readBody()).toString()) : undefined
  return textAt(json, 'model') || textAt(json, 'name') || query.get('model') || query.get('name') || undefined
}
