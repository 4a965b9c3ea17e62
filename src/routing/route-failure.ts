import { LlmrError } from '../core/error.ts'
import type { Capabilities } from '../core/model.ts'
import type { AskedModel } from './asked-model.ts'
import { capabilityFor } from './capability-for.ts'
import type { ListedModel } from './list-models.ts'
import type { RouteInput } from './route-input.ts'
import { type Obstacle, type Rejection, obstacles, promptTokens } from './route-to.ts'

/** Why nobody can serve a request: what its nearest miss lacked, since that is what somebody can change. */
export function routeFailure(facts: {
  readonly asked: AskedModel
  readonly rejections: readonly Rejection[]
  readonly input: RouteInput
}): LlmrError {
  const { asked, rejections, input } = facts
  const nearest = rejections.toSorted((one, other) => rank(other.obstacle) - rank(one.obstacle))[0]
  const name = quote(asked.name)
  switch (nearest?.obstacle) {
    case 'context':
      return contextExceeded(rejections, input)
    case 'zone':
      return new LlmrError(
        'no_backend_available',
        `${name} is not to be had where this request may go: ${nearest.backend} ${nearest.why}. ` +
          'To let it leave, set `may_leave` on both the model and the key.',
      )
    case 'vision':
      return imagesUnseen(name, input)
    case 'tools':
    case 'operation':
      return new LlmrError(
        'not_supported',
        `${name} cannot serve this request: ${quote(nearest.model)} on ${nearest.backend} ${nearest.why}. ` +
          whoCan(input, nearest.obstacle === 'tools' ? 'tools' : capabilityFor(input.request.operation, 'endpoint')),
        { param: 'model', isRetryable: false },
      )
    case 'not-allowed':
      return new LlmrError(
        'model_not_allowed',
        `${name} stands for models of which this key may use none, such as ${quote(nearest.model)}.`,
        { param: 'model', isRetryable: false },
      )
    case 'no-backend':
    case 'unknown':
    case undefined:
      return withoutBackend(asked, input)
  }
}

export function modelNotFound(name: string, input: RouteInput): LlmrError {
  const { catalogue, mayUseModel } = input
  const near = catalogue.nearest(name, mayUseModel).map(quote)
  const hint =
    near.length > 0
      ? `Did you mean ${near.join(' or ')}?`
      : catalogue.list().length > 0
        ? `There ${isOrAre(named(input))}; \`aliases\` in llmr.yaml lets one of them answer to this name too.`
        : 'No backend has reported any model yet; `llmr backends list` says why.'
  return new LlmrError('model_not_found', `There is no model ${quote(name)} here. ${hint}`, {
    param: 'model',
    isRetryable: false,
  })
}

export function modelNotAllowed(name: string, input: RouteInput): LlmrError {
  const allowed = named(input)
  const hint = allowed.length > 0 ? `It may use ${allowed.join(', ')}.` : 'It may use none of those that there are.'
  return new LlmrError('model_not_allowed', `This key may not use the model ${quote(name)}. ${hint}`, {
    param: 'model',
    isRetryable: false,
  })
}

/** The request is at fault as much as the model, and programs take what begins with 5 for an outage. */
function imagesUnseen(name: string, input: RouteInput): LlmrError {
  return new LlmrError(
    'invalid_request',
    `${name} cannot read images, and the request has one. ${whoCan(input, 'vision')}`,
    { param: 'model', isRetryable: false },
  )
}

function whoCan(input: RouteInput, capability: keyof Capabilities): string {
  const able = named(input, ({ capabilities }) => capabilities[capability] === true)
  return able.length > 0 ? `Of the models here, ${able.join(', ')} can.` : 'No model here is known to.'
}

/** Some of what this key may use, with how many more there are. */
function named(
  { catalogue, mayUseModel = () => true }: RouteInput,
  suits: (model: ListedModel) => boolean = () => true,
): readonly string[] {
  const found = catalogue.list().filter((model) => mayUseModel(model.id) && suits(model))
  const more = found.length - namedModelsMax
  return [...found.slice(0, namedModelsMax).map(({ id }) => quote(id)), ...(more > 0 ? [`${more} more`] : [])]
}

function isOrAre(models: readonly string[]): string {
  if (models.length === 0) return 'is none that this key may use'
  return `${models.length === 1 ? 'is' : 'are'} ${models.join(', ')}`
}

const namedModelsMax = 5

function rank(obstacle: Obstacle): number {
  return obstacles.indexOf(obstacle)
}

/** The figures are for the dialect, which has the words by which its clients recognise this. */
function contextExceeded(rejections: readonly Rejection[], { request }: RouteInput): LlmrError {
  const contextLength = Math.max(...rejections.map((rejection) => rejection.contextLength ?? 0))
  const tokens = promptTokens(request)
  return new LlmrError(
    'context_length_exceeded',
    `The prompt has about ${tokens} tokens, and no backend of this model takes more than ${contextLength}.`,
    { param: 'messages', isRetryable: false, overflow: { promptTokens: tokens, contextLength } },
  )
}

/** A name that only a pattern covers is unknown; one that the operator wrote down is out of order. */
function withoutBackend({ name, model }: AskedModel, input: RouteInput): LlmrError {
  if (!model.isConfigured) return modelNotFound(name, input)
  const where = model.pick
    ? `none of its picks (${[...new Set(Object.values(model.pick))].join(', ')}) is there`
    : model.backends
      ? `none of its backends (${model.backends.join(', ')}) offers it`
      : 'no backend offers it'
  return new LlmrError(
    'no_backend_available',
    `${quote(name)} is configured, but ${where} now. \`llmr backends list\` says what each of them has.`,
    { param: 'model' },
  )
}

const quotedLengthMax = 100

function quote(name: string): string {
  const printable = name.replaceAll(/\p{C}/gu, '?')
  return `"${printable.length <= quotedLengthMax ? printable : `${printable.slice(0, quotedLengthMax)}…`}"`
}
