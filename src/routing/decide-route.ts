import type { Decision, FallbackRoute } from './decision.ts'
import type { RouteInput } from './route-input.ts'
import { chooseName } from './choose-name.ts'
import { explainRoute } from './explain-route.ts'
import { followFallbacks } from './follow-fallbacks.ts'
import { pickModel } from './pick-model.ts'
import { toReason } from './reason.ts'
import type { ResolvedModel } from './resolved-model.ts'
import { routeFailure } from './route-failure.ts'
import { type Route, type RouteContext, promptTokens, routeTo, zoneMaxFor } from './route-to.ts'

/**
 * Which model serves a request, on which backends, and what comes after them.
 *
 * @throws LlmrError `model_not_found`, `model_not_allowed`, `invalid_request` (no model named and none to assume),
 * `not_supported` (none can do it), `context_length_exceeded`, `no_backend_available` (known, but nobody has it now)
 */
export function decideRoute(input: RouteInput): Decision {
  return decideAtOnce(input) ?? decideInSteps(input)
}

const noFallbacks: readonly FallbackRoute[] = []

/**
 * The answer for most requests, which name a model that all its backends can serve: what the steps below would find,
 * without taking them. `undefined` when a step could matter.
 */
function decideAtOnce({ request, catalogue, mayUseModel, isExplained }: RouteInput): Decision | undefined {
  const { model: name, operation, outline } = request
  if (!name || isExplained || outline?.hasImages) return undefined
  const model = catalogue.resolve(name)
  if (!model || model.pick || model.candidates.length === 0 || model.fallbacks.length > 0) return undefined
  const { isWithinZone, contextLengthMin, refusedBySome } = model.summary
  if (!isWithinZone || refusedBySome.has(operation)) return undefined
  if (promptTokens(request) + (outline?.maxTokens ?? 0) > contextLengthMin) return undefined
  if (mayUseModel && !mayUseModel(model.name) && !mayUseModel(name)) return undefined
  const { candidates, policy, foundBy } = model
  return { model: model.name, candidates, policy, reason: foundBy, fallbacks: noFallbacks }
}

/**
 * 1. Which model is meant: the name in the request, or what stands for it.
 * 2. A virtual model is a decision: which of its picks.
 * 3. Which of its backends can serve this request, by hard facts.
 * 4. What comes after them: the fallbacks, by the same facts. If no backend can, the first of these is the answer.
 */
function decideInSteps(input: RouteInput): Decision {
  const asked = chooseName(input) // 1
  const context: RouteContext = { ...input, zoneMax: zoneMaxFor(asked.model, input.mayLeave), rejections: [] }
  const main = asked.model.pick
    ? pickModel(asked.model, context) // 2
    : routeTo(asked.model, { context, reason: asked.reason, askedAs: asked.name }) // 3

  // A virtual model that says nothing about leaving leaves it to the model it picked, whose fallbacks these are.
  const mayLeave = asked.model.mayLeave ?? main?.model.mayLeave
  const zoneMax = zoneMaxFor({ zone: asked.model.zone, mayLeave }, input.mayLeave)
  const fallbackContext: RouteContext = { ...context, zoneMax, rejections: [] }
  const fallbacks = followFallbacks([main?.model, asked.model], fallbackContext) // 4
  const [first, ...rest] = main ? [main, ...tightRoute(main), ...fallbacks] : fallbacks
  if (!first) {
    // Better without images that are only remembered than not at all.
    if (isOnlyRemembering(input)) return decideInSteps(withoutImages(input))
    throw routeFailure({ asked, rejections: context.rejections, input })
  }

  const decision: Decision = { ...describe(first, asked.model), fallbacks: rest.map((route) => describe(route)) }
  if (!input.isExplained) return decision
  const rejections = [...context.rejections, ...fallbackContext.rejections]
  const text = input.request.outline?.lastUserText
  return {
    ...decision,
    considered: explainRoute({ decision, asked: asked.model, rejections }),
    topic: asked.model.pick && text ? input.routing.heuristics(text) : undefined,
  }
}

function isOnlyRemembering({ request: { outline } }: RouteInput): boolean {
  return outline?.hasImages === true && outline.hasNewImages === false
}

function withoutImages(input: RouteInput): RouteInput {
  const { request } = input
  return { ...input, request: { ...request, outline: request.outline && { ...request.outline, hasImages: false } } }
}

/** The same model where the prompt may or may not fit: better than nothing when the roomy backends are gone. */
function tightRoute({ model, tight }: Route): readonly Route[] {
  return tight.length > 0 ? [{ model, candidates: tight, tight: [], reason: 'context may be too small' }] : []
}

function describe({ model, candidates, reason }: Route, asked?: ResolvedModel): FallbackRoute {
  return { model: model.name, candidates, policy: model.policy ?? asked?.policy, reason: toReason(reason) }
}
