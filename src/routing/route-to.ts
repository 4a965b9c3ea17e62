import type { Candidate } from '../core/candidate.ts'
import { type TrustZone, isWider } from '../core/trust.ts'
import { refuses } from './capability-for.ts'
import type { RouteInput, RouteRequest } from './route-input.ts'
import type { ResolvedModel } from './resolved-model.ts'

/** A model with the backends that can serve this request. */
export interface Route {
  readonly model: ResolvedModel
  /** At least one, in order of preference. */
  readonly candidates: readonly Candidate[]
  /** Others, where prompt and reply together may not fit. */
  readonly tight: readonly Candidate[]
  readonly reason: string
}

export interface RouteContext extends RouteInput {
  /** How far this request may go. */
  readonly zoneMax: TrustZone
  /** Collects what was ruled out and why: what an error and an explanation are made of. */
  readonly rejections: Rejection[]
}

/**
 * What stood in the way, the one that says most about a request last. What is out of reach tells less than what a
 * backend within reach could not do.
 */
export const obstacles = [
  'unknown',
  'not-allowed',
  'no-backend',
  'zone',
  'operation',
  'tools',
  'vision',
  'context',
] as const

export type Obstacle = (typeof obstacles)[number]

export interface Rejection {
  readonly model: string
  readonly backend?: string
  readonly obstacle: Obstacle
  readonly why: string
  /** Of a prompt that is too long: what would have fitted. */
  readonly contextLength?: number
}

export interface RouteOptions {
  readonly context: RouteContext
  readonly reason: string
  /** The name by which it was asked for: a key that may use an alias may use what it stands for. */
  readonly askedAs: string
  /** Leave out backends that say the model has no tools of its own. For a named model they may still be emulated. */
  readonly needsNativeTools?: boolean
  /** Leave out backends where prompt and reply together may not fit. */
  readonly needsRoom?: boolean
}

/**
 * Who can serve a model for this request, by facts that nobody can wish away. Only an explicit no rules a backend out;
 * what nobody has said is taken as a yes.
 */
export function routeTo(model: ResolvedModel, options: RouteOptions): Route | undefined {
  const { context, reason, askedAs, needsRoom = false } = options
  if (!mayUse(model, { context, askedAs })) return reject(context, model, 'not-allowed', 'the key may not use it')
  if (model.candidates.length === 0) return reject(context, model, 'no-backend', 'no backend has it')

  const roomy: Candidate[] = []
  const tight: Candidate[] = []
  for (const candidate of model.candidates) {
    const obstacle = obstacleFor(candidate, { model, options })
    if (obstacle) context.rejections.push({ model: model.name, backend: candidate.backend, ...obstacle })
    else if (roomFor(context.request, candidate) === 'ample') roomy.push(candidate)
    else tight.push(candidate)
  }
  if (roomy.length > 0) return { model, candidates: roomy, tight, reason }
  if (tight.length === 0) return undefined
  if (!needsRoom) return { model, candidates: tight, tight: [], reason }
  for (const candidate of tight) context.rejections.push(tooLong(model, candidate, context.request))
  return undefined
}

/**
 * How far a request for a model may go: the model's own zone, or farther where the model and the key both say so. The
 * key alone cannot send a local model's prompts away, nor the model those of a key that did not agree.
 */
export function zoneMaxFor(
  { zone, mayLeave: modelMay }: Pick<ResolvedModel, 'zone' | 'mayLeave'>,
  keyMay: TrustZone | undefined,
): TrustZone {
  if (!modelMay || !keyMay) return zone
  const both = isWider(modelMay, keyMay) ? keyMay : modelMay
  return isWider(both, zone) ? both : zone
}

export function mayUse(
  model: ResolvedModel,
  { context, askedAs }: { readonly context: Pick<RouteInput, 'mayUseModel'>; readonly askedAs: string },
): boolean {
  const { mayUseModel } = context
  return !mayUseModel || mayUseModel(model.name) || mayUseModel(askedAs)
}

function obstacleFor(
  { trust, description }: Candidate,
  { model, options }: { readonly model: ResolvedModel; readonly options: RouteOptions },
): Omit<Rejection, 'model' | 'backend'> | undefined {
  const { request, zoneMax } = options.context
  const { operation, outline } = request
  const capabilities = description?.capabilities
  const contextLength = description?.contextLength ?? Infinity
  if (isWider(trust, zoneMax)) {
    return { obstacle: 'zone', why: `is ${trust}, the request may go no farther than ${zoneMax}` }
  }
  if (refuses(capabilities, operation, model.moderatesBy)) {
    return { obstacle: 'operation', why: `cannot do ${operation}` }
  }
  if (options.needsNativeTools && capabilities?.tools === false) {
    return { obstacle: 'tools', why: 'has no tools of its own' }
  }
  if (outline?.hasImages && capabilities?.vision === false) {
    return { obstacle: 'vision', why: 'cannot read images' }
  }
  if (promptTokens(request) > contextLength * estimateMargin) {
    return { obstacle: 'context', why: contextWords(request, contextLength), contextLength }
  }
  return undefined
}

/**
 * A guess without a tokenizer may be half too high, for code most of all. Below this factor the engine is asked, which
 * counts exactly and refuses in its own words.
 */
const estimateMargin = 1.5

/** The part of a context that a reply is assumed to need at most: many clients ask for more than they ever get. */
const replyShareMax = 0.25

function roomFor(request: RouteRequest, { description }: Candidate): 'ample' | 'tight' {
  const contextLength = description?.contextLength ?? Infinity
  const reply = Math.min(request.outline?.maxTokens ?? 0, contextLength * replyShareMax)
  return promptTokens(request) + reply > contextLength ? 'tight' : 'ample'
}

function tooLong(model: ResolvedModel, { backend, description }: Candidate, request: RouteRequest): Rejection {
  const contextLength = description?.contextLength ?? 0
  return { model: model.name, backend, obstacle: 'context', why: contextWords(request, contextLength), contextLength }
}

function contextWords(request: RouteRequest, contextLength: number): string {
  return `prompt of about ${promptTokens(request)} tokens, context ${contextLength}`
}

/** How much of a context the prompt takes; nothing where that cannot be told. */
export function promptTokens({ operation, approximateTokens }: RouteRequest): number {
  return operation === 'chat' ? (approximateTokens ?? 0) : 0
}

function reject({ rejections }: RouteContext, model: ResolvedModel, obstacle: Obstacle, why: string): undefined {
  rejections.push({ model: model.name, obstacle, why })
  return undefined
}
