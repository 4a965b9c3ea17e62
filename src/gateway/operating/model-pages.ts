import { LlmrError } from '../../core/error.ts'
import * as anthropic from '../../dialects/anthropic-messages/write-models.ts'
import * as openai from '../../dialects/openai/write-models.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { ListedModel } from '../../routing/list-models.ts'
import type { Router } from '../request/router.ts'
import { usableModels } from './usable-models.ts'

/** Answered from what is known already: a list is asked for at every page load, and must not wake a backend. */
export function answerModelList(exchange: Exchange, parts: { router: Router; startedAtS: number }): void {
  const models = usableModels(exchange, parts.router).map(toWritten)
  exchange.replyJson(200, writersFor(exchange).writeModelList(models, parts.startedAtS))
}

/** @throws LlmrError `model_not_found` */
export function answerModel(exchange: Exchange, parts: { router: Router; startedAtS: number; model: string }): void {
  const { router, startedAtS, model: name } = parts
  const model = usableModels(exchange, router).find(({ id, aliases }) => id === name || aliases.includes(name))
  if (model === undefined) {
    throw new LlmrError('model_not_found', router.unknownModelMessage(name, exchange.principal), { param: 'model' })
  }
  exchange.replyJson(200, writersFor(exchange).writeModel(toWritten(model), startedAtS))
}

/** Two dialects share the path; the clients of one always say their version. */
function writersFor({ request }: Exchange): Pick<typeof openai, 'writeModel' | 'writeModelList'> {
  return request.headers['anthropic-version'] === undefined ? openai : anthropic
}

function toWritten(model: ListedModel): openai.ListedModel {
  const { id, contextLength, isLoaded, backends, aliases, isVirtual, metadata } = model
  const capabilities = Object.entries(model.capabilities).flatMap(([name, can]) => (can ? [name] : []))
  return { id, contextLength, isLoaded, backends, capabilities, aliases, isVirtual, metadata }
}
