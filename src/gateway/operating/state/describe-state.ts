import type { Candidate } from '../../../core/candidate.ts'
import {
  type GatewayState,
  gatewayStateVersion,
  type ModelResidence,
  type Residence,
} from '../../../core/gateway-state.ts'
import type { ListedModel } from '../../../routing/list-models.ts'
import type { BackendRuntime } from '../../fleet/backend-runtime.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import { residenceOf } from '../../fleet/residence-of.ts'
import type { Residency } from '../../fleet/residency.ts'
import type { Router } from '../../request/router.ts'

export interface StateSources {
  readonly router: Router
  readonly fleet: Fleet
  readonly residency: Residency | undefined
  readonly instanceId: string
}

/** How everything stands at this moment. What has not changed since `before` keeps its time. */
export function describeState(sources: StateSources, parts: { before?: GatewayState; nowMs: number }): GatewayState {
  const { router, fleet, residency, instanceId } = sources
  const since = new Map(parts.before?.models.map((model) => [model.id, model]))
  const models = router.catalogue.list().map((listed) => {
    const model = describeModel(listed, sources)
    const known = since.get(model.id)
    return { ...model, sinceMs: known?.residence === model.residence ? known.sinceMs : parts.nowMs }
  })
  return {
    version: gatewayStateVersion,
    instanceId,
    models,
    backends: fleet.all.map(describeBackend),
    pools: residency?.snapshot().pools ?? [],
  }
}

type Place = Omit<ModelResidence, 'id' | 'sinceMs' | 'backends'>

function describeModel({ id, backends }: ListedModel, sources: StateSources): Omit<ModelResidence, 'sinceMs'> {
  const candidates = sources.router.catalogue.resolve(id)?.candidates ?? []
  const places = candidates.flatMap((candidate) => placeOf(candidate, sources) ?? [])
  return { id, ...joinPlaces(places), backends }
}

/** The most hopeful first: where nobody says, requests go at once. */
const hope: readonly Residence[] = ['loaded', 'unknown', 'loading', 'unloading', 'unloaded']

export function joinPlaces(places: readonly Place[]): Place {
  const [best] = places.toSorted((one, other) => hope.indexOf(one.residence) - hope.indexOf(other.residence))
  const sum = (numberOf: (place: Place) => number): number => places.reduce((all, place) => all + numberOf(place), 0)
  const slots = places.some((place) => place.slots === undefined) ? undefined : sum((place) => place.slots ?? 0)
  return {
    residence: best?.residence ?? 'unknown',
    running: sum(({ running }) => running),
    queued: sum(({ queued }) => queued),
    ...(slots !== undefined && places.length > 0 && { slots }),
    ...(best?.expectedLoadMs !== undefined && { expectedLoadMs: best.expectedLoadMs }),
    ...(best?.meanServiceMs !== undefined && { meanServiceMs: best.meanServiceMs }),
  }
}

function placeOf(candidate: Candidate, { fleet, residency }: StateSources): Place | undefined {
  if (residency?.manages(candidate.backend) === true) return managedPlace(candidate.backend, residency)
  const backend = fleet.get(candidate.backend)
  if (backend === undefined) return undefined
  const remote = backend.remoteModel(candidate.model)
  if (remote !== undefined && backend.isUp) {
    const { id: _, sinceMs: __, backends: ___, ...place } = remote
    return place
  }
  const isLoaded = backend.isUp ? candidate.description?.isLoaded : undefined
  const residence = isLoaded === undefined ? 'unknown' : isLoaded ? 'loaded' : 'unloaded'
  const slots = candidate.description?.slots ?? backend.description?.slots
  return { residence, running: 0, queued: 0, ...(slots !== undefined && { slots }) }
}

function managedPlace(name: string, residency: Residency): Place | undefined {
  const standing = residency.standing(name)
  if (standing === undefined) return undefined
  const { phase, running, queued, slots, expectedLoadMs, meanServiceMs } = standing
  return {
    residence: residenceOf(phase),
    running,
    queued,
    slots,
    expectedLoadMs: Math.round(expectedLoadMs),
    meanServiceMs: Math.round(meanServiceMs),
  }
}

function describeBackend(backend: BackendRuntime): GatewayState['backends'][number] {
  const { name, kind, status, inflight, models } = backend.standing()
  const loaded = models.flatMap(({ id, isLoaded }) => (isLoaded === true ? id : []))
  return { name, kind, status, inflight, loaded }
}
