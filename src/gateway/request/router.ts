import { askChat } from '../../backends/ask-chat.ts'
import type { Config } from '../../config/schema.ts'
import type { Candidate } from '../../core/candidate.ts'
import { LlmrError } from '../../core/error.ts'
import type { Principal } from '../../core/principal.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { Attempt, AttemptPlan, ModelChoice } from '../../resilience/attempt-plan.ts'
import { orderCandidates, type PolicyName } from '../../resilience/order-candidates.ts'
import { affinityKey } from '../../routing/affinity-key.ts'
import { type Catalogue, createCatalogue } from '../../routing/catalogue.ts'
import type { BackendInventory, CatalogueEntry } from '../../routing/catalogue-entry.ts'
import { decideRoute } from '../../routing/decide-route.ts'
import type { Decision, FallbackRoute } from '../../routing/decision.ts'
import type { RoutingSettings } from '../../routing/route-input.ts'
import { type Intent, intentRequest, readIntent } from '../../routing/intent.ts'
import { isIntentDecisive } from '../../routing/is-intent-decisive.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { ManagedModel } from '../fleet/residency-plan.ts'
import type { Residency } from '../fleet/residency.ts'
import { backendInventory, catalogueEntries, intentSettings, routingSettings } from '../configure/settings.ts'
import { hasEndpoint } from './has-endpoint.ts'
import type { Intake } from './intake.ts'

/** Where one request goes: the plan of attempts, and why each. */
export interface RoutePlan {
  readonly decision: Decision
  readonly plan: AttemptPlan
  readonly reasonOf: (attempt: Attempt) => string
}

/**
 * Holds what decisions are made from (the catalogue as the backends are now, the settings, what was used last) and asks
 * the pure parts to make them.
 */
export class Router {
  readonly #fleet: Fleet
  readonly #residency: () => Residency | undefined
  #config: Config
  #catalogue: Catalogue
  #routing: RoutingSettings
  #knownModels: ReadonlySet<string> = new Set()
  #turns = new Map<string, number>()
  #lastUsedModel: string | undefined

  constructor(parts: { config: Config; fleet: Fleet; residency: () => Residency | undefined }) {
    this.#fleet = parts.fleet
    this.#residency = parts.residency
    this.#config = parts.config
    this.#routing = routingSettings(parts.config)
    this.#catalogue = createCatalogue({ entries: catalogueEntries(parts.config), backends: [] })
  }

  get catalogue(): Catalogue {
    return this.#catalogue
  }

  /** Every name that may be a label: the catalogue's and the engines' own. */
  get knownModels(): ReadonlySet<string> {
    return this.#knownModels
  }

  /** To be called when the configuration or what a backend has to offer changed. */
  rebuild(config: Config): void {
    this.#config = config
    this.#routing = routingSettings(config)
    const residency = this.#residency()
    const remote = this.#fleet.all
      .filter(({ settings }) => residency?.managed.has(settings.name) !== true)
      .map(({ settings, description }) => backendInventory(settings, description))
    const backends = [
      ...(residency?.managed.list ?? []).map((model) => managedInventory(model, this.#fleet, residency)),
      ...remote,
    ]
    const entries = [...catalogueEntries(config), ...(residency?.managed.list ?? []).map(managedEntry)]
    this.#catalogue = createCatalogue({ entries, backends })
    this.#turns = new Map()
    this.#knownModels = new Set([
      ...this.#catalogue.list().flatMap(({ id, aliases }) => [id, ...aliases]),
      ...backends.flatMap(({ models }) => models.map(({ id }) => id)),
      ...Object.values(config.models).flatMap(({ upstream }) => upstream ?? []),
    ])
  }

  /**
   * A promise only when the intent model has to be asked.
   *
   * @throws LlmrError when nothing can serve the request
   */
  route(exchange: Exchange, intake: Intake): RoutePlan | Promise<RoutePlan> {
    const input = this.#input(exchange.principal, intake)
    if (this.#config.routing.intent === undefined) return this.#routeBy(exchange, intake, decideRoute(input))
    return this.#askIntent(exchange, intake).then((intent) =>
      this.#routeBy(exchange, intake, decideRoute({ ...input, intent })),
    )
  }

  /**
   * Where a request would go, for one that is not sent: nothing is asked for it, and nothing remembered of it.
   *
   * @throws LlmrError when nothing could serve it
   */
  decide(exchange: Exchange, intake: Intake): Decision {
    return decideRoute(this.#input(exchange.principal, intake))
  }

  #routeBy(exchange: Exchange, intake: Intake, decision: Decision): RoutePlan {
    if (intake.classification.kind !== 'background') this.#lastUsedModel = decision.model
    return this.#plan(exchange, intake, decision)
  }

  /** The same decision with everything that was considered, for a request that is not sent. */
  async explain(exchange: Exchange, intake: Intake): Promise<Decision> {
    return decideRoute({
      ...this.#input(exchange.principal, intake),
      intent: await this.#askIntent(exchange, intake),
      isExplained: true,
    })
  }

  unknownModelMessage(name: string, principal: Principal | undefined): string {
    const near = this.#catalogue.nearest(name, principal?.mayUseModel)
    const hint = near.length === 0 ? '' : ` Did you mean ${near.map((id) => `"${id}"`).join(' or ')}?`
    return `There is no model "${name.slice(0, 200)}".${hint} GET /v1/models lists what there is.`
  }

  #input(principal: Principal | undefined, intake: Intake) {
    const { operation, model, outline, classification, approximateTokens } = intake
    return {
      request: { operation, model, outline, classification, approximateTokens },
      catalogue: this.#catalogue,
      routing: this.#routing,
      lastUsedModel: this.#lastUsedModel,
      mayUseModel: principal?.mayUseModel,
      mayLeave: principal?.mayLeave,
    }
  }

  /** Only when the answer can change the decision. */
  async #askIntent(exchange: Exchange, intake: Intake): Promise<Intent | undefined> {
    const intent = intentSettings(this.#config)
    const { outline } = intake
    if (intent === undefined || outline === undefined) return undefined
    if (!isIntentDecisive(this.#input(exchange.principal, intake))) return undefined
    const [candidate] = this.#catalogue.resolve(intent.model)?.candidates ?? []
    const backend = candidate && this.#fleet.get(candidate.backend)
    if (candidate === undefined || backend === undefined) return undefined
    try {
      const question = intentRequest(outline, { model: candidate.model })
      const { text } = await askChat(backend.connection, question, { timeoutMs: intent.timeoutMs })
      const verdict = readIntent(text)
      exchange.note('intent', verdict ?? 'abstained')
      return verdict
    } catch (error) {
      // Any failure leaves the decision to the heuristics, which is what they are there for.
      exchange.note('intent', `failed: ${error instanceof Error ? error.name : 'unknown'}`)
      return undefined
    }
  }

  #plan(exchange: Exchange, intake: Intake, decision: Decision): RoutePlan {
    const choice = (route: FallbackRoute): ModelChoice => ({
      model: route.model,
      candidates: this.#order(exchange, intake, route),
    })
    const { fallbacks } = decision
    const primary = choice(decision)
    const after = fallbacks.length === 0 ? noChoices : fallbacks.map(choice)
    if (primary.candidates.length === 0 && after.every(({ candidates }) => candidates.length === 0)) {
      const where = decision.candidates.map(({ backend }) => backend).join(', ')
      throw new LlmrError(
        'not_supported',
        `"${decision.model}" is served by ${where}, which has no endpoint for this (${intake.operation}).`,
        { isRetryable: false },
      )
    }
    return {
      decision,
      plan: {
        primary,
        fallbacks: after,
        maxAttempts: this.#config.resilience.max_attempts,
        breakerOf: ({ backend, model }: Candidate) => this.#fleet.get(backend)?.breaker(model),
      },
      reasonOf: ({ model, candidate }) => {
        const isMain = model === decision.model && primary.candidates.some((load) => load.candidate === candidate)
        if (isMain) return decision.reason
        return fallbacks.find((fallback) => fallback.candidates.includes(candidate))?.reason ?? decision.reason
      },
    }
  }

  #order(exchange: Exchange, intake: Intake, route: FallbackRoute): ModelChoice['candidates'] {
    const nowMs = performance.now()
    const loads = route.candidates.flatMap((candidate) => {
      const residency = this.#residency()
      const managed = residency?.managed.get(candidate.backend)
      if (residency !== undefined && managed !== undefined) {
        return hasEndpoint(managed.kind, intake.operation) ? [residency.candidateLoad(candidate)] : []
      }
      const backend = this.#fleet.get(candidate.backend)
      if (backend === undefined) return []
      const kind = backend.description?.kind ?? backend.settings.kind
      return hasEndpoint(kind, intake.operation) ? [backend.load(candidate, nowMs)] : []
    })
    if (loads.length < 2) return loads
    const policy: PolicyName = route.policy ?? this.#config.resilience.policy ?? usualPolicy(loads)
    const turn = this.#turns.get(route.model) ?? 0
    this.#turns.set(route.model, turn + 1)
    return orderCandidates(policy, loads, {
      turn,
      random: Math.random,
      affinityKey: policy === 'affinity' || policy === 'soonest' ? affinityOf(exchange, intake) : undefined,
    })
  }
}

function managedEntry({ name, aliases, isUnlisted, metadata, description }: ManagedModel): CatalogueEntry {
  return { name, aliases, isUnlisted, metadata, backends: [name], upstream: description.id }
}

/** What is known before it runs, and what the running engine says beyond that. */
function managedInventory(model: ManagedModel, fleet: Fleet, residency: Residency | undefined): BackendInventory {
  const { name, description } = model
  const running = fleet.get(name)?.description?.models[0]
  const isLoaded = residency?.isLoaded(name) ?? false
  const capabilities = { ...running?.capabilities, ...description.capabilities }
  const merged = { ...running, ...description, capabilities, isLoaded }
  // Under its profile's name, whatever the engine calls it: that is what clients see and what requests carry.
  return { name, trust: 'local', models: [merged], modelGlobs: [name, description.id] }
}

/** Where somebody tells what is in memory, that says more than anything else. */
function usualPolicy(loads: ModelChoice['candidates']): PolicyName {
  return loads.some(({ place }) => place !== undefined) ? 'soonest' : 'affinity'
}

const noChoices: readonly ModelChoice[] = []

function affinityOf(exchange: Exchange, { request, outline, classification, chat }: Intake): string | undefined {
  const { json } = request
  const promptCacheKey = chat?.request.cacheKey ?? text(json?.['prompt_cache_key'])
  const user = chat?.request.user ?? text(json?.['user'])
  return affinityKey({ claims: { headers: exchange.request.headers, promptCacheKey, user }, outline, classification })
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
