import { LlmrError } from '../core/error.ts'
import type { AskedModel } from './asked-model.ts'
import { refuses } from './capability-for.ts'
import type { RouteInput } from './route-input.ts'
import type { ListedModel } from './list-models.ts'
import type { ResolvedModel } from './resolved-model.ts'
import { modelNotAllowed, modelNotFound } from './route-failure.ts'
import { mayUse } from './route-to.ts'

/**
 * Which model a request means. Without a name, the first of these that could do what is asked: the default, the only
 * model there is, the one last used, the only one that is loaded.
 */
export function chooseName(input: RouteInput): AskedModel {
  const { request, catalogue, routing, lastUsedModel } = input
  if (request.model) return named(request.model, input)
  const { defaultModel } = routing
  if (defaultModel && canDo(catalogue.resolve(defaultModel), input)) {
    return { ...named(defaultModel, input), reason: 'default model' }
  }
  const able = catalogue.list().filter(({ id }) => isUsable(id, input))
  const loaded = able.filter(({ isLoaded }) => isLoaded)
  const assumed =
    onlyOne(able, 'only model') ??
    (lastUsedModel && isUsable(lastUsedModel, input)
      ? { name: lastUsedModel, reason: 'last used model' }
      : undefined) ??
    onlyOne(loaded, 'only loaded model')
  if (!assumed) throw noModelNamed(able)
  return { ...named(assumed.name, input), reason: assumed.reason }
}

function named(name: string, input: RouteInput): AskedModel {
  const model = input.catalogue.resolve(name)
  // Before anything else, so that a key cannot find out which names exist beyond its own.
  const isAllowed = model ? mayUse(model, { context: input, askedAs: name }) : (input.mayUseModel?.(name) ?? true)
  if (!isAllowed) throw modelNotAllowed(name, input)
  if (!model) throw modelNotFound(name, input)
  return { name, model, reason: model.foundBy }
}

function onlyOne(models: readonly ListedModel[], reason: string): { name: string; reason: string } | undefined {
  const [first, second] = models
  return first && !second ? { name: first.id, reason } : undefined
}

/** A default for chats is none for embeddings. Unknown is a yes here: the mistake should be named, not passed over. */
function canDo(model: ResolvedModel | undefined, { request, catalogue }: RouteInput): boolean {
  if (!model) return true
  const names = Object.values<string | undefined>({ ...model.pick }).filter((name) => name !== undefined)
  const models = model.pick ? names.flatMap((name) => catalogue.resolve(name) ?? []) : [model]
  const answers = models.flatMap(({ candidates, moderatesBy }) =>
    candidates.map(({ description }) => !refuses(description?.capabilities, request.operation, moderatesBy)),
  )
  return answers.length === 0 || answers.includes(true)
}

function isUsable(name: string, input: RouteInput): boolean {
  const model = input.catalogue.resolve(name)
  return model !== undefined && canDo(model, input) && mayUse(model, { context: input, askedAs: name })
}

const listedMax = 10

function noModelNamed(models: readonly ListedModel[]): LlmrError {
  const names = models.slice(0, listedMax).map(({ id }) => id)
  const more = models.length > listedMax ? ` and ${models.length - listedMax} more` : ''
  const message =
    names.length > 0
      ? `This request names no model and there is more than one. Set "model" to one of: ${names.join(', ')}${more}.`
      : 'This request names no model, and there is none that could serve it. `llmr backends list` says what each backend has.'
  return new LlmrError('invalid_request', message, { param: 'model', isRetryable: false })
}
