import { pickModel } from './pick-model.ts'
import type { ResolvedModel } from './resolved-model.ts'
import { type Route, type RouteContext, routeTo } from './route-to.ts'

/** Models looked at, those given included: more than anybody waits for, and an end to lists that name each other. */
const modelsMax = 8

/**
 * The models to try after those given, each with the backends that can serve this request: first what the operator wrote
 * beside the model itself, then what is written beside those. They go no farther than the model asked for may.
 */
export function followFallbacks(
  models: readonly (ResolvedModel | undefined)[],
  context: RouteContext,
): readonly Route[] {
  const known = models.filter((model) => model !== undefined)
  const visited = new Set(known.map(({ name }) => name))
  const queue = known.flatMap(({ name, fallbacks }) => fallbacks.map((fallback) => ({ fallback, of: name })))
  const routes: Route[] = []

  for (let next = queue.shift(); next && visited.size <= modelsMax; next = queue.shift()) {
    const { fallback, of } = next
    const model = context.catalogue.resolve(fallback)
    if (!model || visited.has(model.name)) continue
    visited.add(model.name)
    const route = routeToEither(model, { context, reason: `fallback of ${of}`, askedAs: fallback })
    if (route && !isAmong(routes, route)) routes.push(route)
    queue.push(...model.fallbacks.map((further) => ({ fallback: further, of: model.name })))
  }
  return routes
}

function routeToEither(
  model: ResolvedModel,
  options: { readonly context: RouteContext; readonly reason: string; readonly askedAs: string },
): Route | undefined {
  if (!model.pick) return routeTo(model, options)
  const route = pickModel(model, options.context)
  return route && { ...route, reason: `${options.reason}, ${route.reason}` }
}

/** A virtual fallback may come to a model that is on the list already. */
function isAmong(routes: readonly Route[], { model }: Route): boolean {
  return routes.some((route) => route.model.name === model.name)
}
