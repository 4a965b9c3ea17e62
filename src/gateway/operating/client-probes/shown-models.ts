import { LlmrError } from '../../../core/error.ts'
import type { GatewayState, ModelResidence } from '../../../core/gateway-state.ts'
import type { ShownModel } from '../../../core/shown-model.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { ListedModel } from '../../../routing/list-models.ts'
import type { Residency } from '../../fleet/residency.ts'
import type { Router } from '../../request/router.ts'
import { usableModels } from '../usable-models.ts'

export interface ProbeParts {
  readonly router: Router
  readonly residency: Residency | undefined
  readonly state: GatewayState
  /** For requests that name no model. */
  readonly defaultModel: string | undefined
}

/** What whoever asks may use, from what is known already: nothing is asked, woken or loaded for it. */
export function shownModels(exchange: Exchange, parts: ProbeParts): readonly ShownModel[] {
  const standings = new Map(parts.state.models.map((model) => [model.id, model]))
  return usableModels(exchange, parts.router).map((listed) => show(listed, standings.get(listed.id), parts))
}

function show(listed: ListedModel, standing: ModelResidence | undefined, { residency }: ProbeParts): ShownModel {
  const { id, contextLength, capabilities } = listed
  const ttlMs = residency?.managed.ttlMs(id)
  return {
    id,
    capabilities,
    // Where nobody tells, as of clouds, there is nothing to be loaded first.
    isLoaded: standing?.residence === 'loaded' || (standing?.residence === 'unknown' && listed.isLoaded !== false),
    running: standing?.running ?? 0,
    slots: standing?.slots ?? 1,
    ...(contextLength !== undefined && { contextLength }),
    ...(ttlMs !== undefined && { ttlMs }),
  }
}

/**
 * The model of that name; without one, the model that a request without one would most likely go to: the default, else what came
 * into memory last, else the first there is.
 *
 * @throws LlmrError `model_not_found`
 */
export function shownModel(exchange: Exchange, name: string | undefined, parts: ProbeParts): ShownModel {
  const { router, defaultModel, state } = parts
  const models = shownModels(exchange, parts)
  const loaded = state.models
    .filter(({ residence }) => residence === 'loaded')
    .toSorted((one, other) => other.sinceMs - one.sinceMs)
  const wanted = name ?? defaultModel ?? loaded.find(({ id }) => models.some((model) => model.id === id))?.id
  const found = wanted === undefined ? models[0] : namedModel(exchange, wanted, parts)
  if (found !== undefined) return found
  throw new LlmrError('model_not_found', router.unknownModelMessage(wanted ?? '', exchange.principal), {
    param: 'model',
  })
}

/** By its name or another one, if whoever asks may use it. */
export function namedModel(exchange: Exchange, name: string, parts: ProbeParts): ShownModel | undefined {
  const { router } = parts
  const listed = usableModels(exchange, router).find(({ id, aliases }) => id === name || aliases.includes(name))
  const id = listed?.id ?? router.catalogue.resolve(name)?.name
  return shownModels(exchange, parts).find((model) => model.id === id)
}
