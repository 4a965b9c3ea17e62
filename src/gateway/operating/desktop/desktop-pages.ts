import type { GatewayState, ModelResidence } from '../../../core/gateway-state.ts'
import { mayUseModel } from '../../../http/auth/authorize.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { ListedModel } from '../../../routing/list-models.ts'
import type { Residency } from '../../fleet/residency.ts'

/** Which models there are, for a menu to switch from. Nothing is woken. */
export function answerAvailable(
  exchange: Exchange,
  parts: { state: GatewayState; listed: readonly ListedModel[] },
): void {
  const models = visible(parts.state.models, exchange)
  const listed = new Map(parts.listed.map((model) => [model.id, model]))
  exchange.replyJson(200, {
    models: models.map(({ id, residence, backends }) => ({
      id,
      name: id,
      aliases: listed.get(id)?.aliases ?? [],
      context_length: listed.get(id)?.contextLength ?? null,
      loaded: residence === 'loaded',
      state: residence,
      backends,
    })),
    current: currentOf(models)?.id ?? null,
  })
}

/** How they stand. Asked for all the time, also while nothing works: it touches no engine. */
export function answerStatus(
  exchange: Exchange,
  { state, residency }: { state: GatewayState; residency: Residency | undefined },
): void {
  const models = visible(state.models, exchange)
  const named = (residence: ModelResidence['residence']): string[] =>
    models.flatMap((model) => (model.residence === residence ? model.id : []))
  const loading = named('loading')
  const current = currentOf(models)?.id ?? null
  exchange.replyJson(200, {
    state: loading.length > 0 ? 'switching' : current === null ? 'idle' : 'ready',
    current,
    target: loading[0] ?? null,
    loaded: named('loaded'),
    loading,
    unloading: named('unloading'),
    waiting: models.reduce((sum, { queued }) => sum + queued, 0),
    failed: failures(residency).filter(({ model }) => models.some(({ id }) => id === model)),
  })
}

/** The one in memory; of several the one that came last. */
function currentOf(models: readonly ModelResidence[]): ModelResidence | undefined {
  return models
    .filter(({ residence }) => residence === 'loaded')
    .reduce<ModelResidence | undefined>(
      (latest, model) => (latest === undefined || model.sinceMs > latest.sinceMs ? model : latest),
      undefined,
    )
}

interface FailedModel {
  readonly model: string
  readonly code: string
  readonly cause: string
  /** Starts in a row that led to nothing. */
  readonly failures: number
}

/** For everybody who may use it: the cause and a code, never the engine's own lines. */
function failures(residency: Residency | undefined): readonly FailedModel[] {
  return (residency?.status() ?? []).flatMap(({ model, failures: count, lastFailure }) =>
    count === 0 || lastFailure === undefined
      ? []
      : { model, code: lastFailure.code, cause: lastFailure.cause, failures: count },
  )
}

function visible(models: readonly ModelResidence[], { principal }: Exchange): readonly ModelResidence[] {
  return principal === undefined ? models : models.filter(({ id }) => mayUseModel(principal, id))
}
