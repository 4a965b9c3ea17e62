import type { ToolcallsConfig } from '../../config/schema.ts'
import { LlmrError } from '../../core/error.ts'
import * as anthropic from '../../dialects/anthropic-messages/write-models.ts'
import * as openai from '../../dialects/openai/write-models.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { ListedModel } from '../../routing/list-models.ts'
import { configuredLane } from '../configure/toolcall-settings.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { LaneBook } from '../lanes/lane-book.ts'
import type { Router } from '../request/router.ts'
import { usableModels } from './usable-models.ts'

interface ListParts {
  readonly router: Router
  readonly fleet: Fleet
  readonly lanes: LaneBook
  readonly toolcalls: ToolcallsConfig
  readonly startedAtS: number
}

/** Answered from what is known already: a list is asked for at every page load, and must not wake a backend. */
export function answerModelList(exchange: Exchange, parts: ListParts): void {
  const models = usableModels(exchange, parts.router).map((model) => toWritten(model, parts))
  exchange.replyJson(200, writersFor(exchange).writeModelList(models, parts.startedAtS))
}

/** @throws LlmrError `model_not_found` */
export function answerModel(exchange: Exchange, parts: ListParts & { model: string }): void {
  const { router, startedAtS, model: name } = parts
  const model = usableModels(exchange, router).find(({ id, aliases }) => id === name || aliases.includes(name))
  if (model === undefined) {
    throw new LlmrError('model_not_found', router.unknownModelMessage(name, exchange.principal), { param: 'model' })
  }
  exchange.replyJson(200, writersFor(exchange).writeModel(toWritten(model, parts), startedAtS))
}

/** Two dialects share the path; the clients of one always say their version. */
function writersFor({ request }: Exchange): Pick<typeof openai, 'writeModel' | 'writeModelList'> {
  return request.headers['anthropic-version'] === undefined ? openai : anthropic
}

function toWritten(model: ListedModel, parts: ListParts): openai.ListedModel {
  const { id, contextLength, isLoaded, backends, aliases, isVirtual, metadata } = model
  const capabilities = Object.entries(model.capabilities).flatMap(([name, can]) => (can ? [name] : []))
  const tools = model.capabilities.chat === false ? undefined : toolsOf(model, parts)
  return { id, contextLength, isLoaded, backends, capabilities, aliases, isVirtual, metadata, tools }
}

/** At the first of its backends, which may know it by another name. */
function toolsOf(
  { id, isVirtual }: ListedModel,
  { router, fleet, lanes, toolcalls }: ListParts,
): openai.ListedModel['tools'] {
  if (isVirtual) return undefined
  const [candidate] = router.catalogue.resolve(id)?.candidates ?? []
  const backend = candidate === undefined ? undefined : fleet.get(candidate.backend)
  if (candidate === undefined || backend === undefined) return undefined
  const lane = configuredLane(toolcalls, [id, candidate.model])
  return lane === undefined ? lanes.choose(backend, candidate) : { lane, reason: 'configured' }
}
