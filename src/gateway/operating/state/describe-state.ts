import type { Candidate } from '../../../core/candidate.ts'
import {
  type GatewayState,
  gatewayStateVersion,
  type ModelResidence,
  type PlaceResidence,
  type StandingOfModel,
} from '../../../core/gateway-state.ts'
import { joinPlaces } from '../../../core/join-places.ts'
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

function describeModel({ id, backends }: ListedModel, sources: StateSources): Omit<ModelResidence, 'sinceMs'> {
  const candidates = sources.router.catalogue.resolve(id)?.candidates ?? []
  const places = candidates.flatMap((candidate) => placesOf(candidate, sources))
  return { id, ...joinPlaces(places), backends, places }
}

function placesOf(candidate: Candidate, { fleet, residency, instanceId }: StateSources): readonly PlaceResidence[] {
  const path = [instanceId]
  if (residency?.managed.has(candidate.backend) === true) {
    const standing = managedStanding(candidate.backend, residency)
    return standing === undefined ? [] : [{ ...standing, path }]
  }
  const backend = fleet.get(candidate.backend)
  if (backend === undefined) return []
  const remote = backend.isUp ? backend.remoteModel(candidate.model) : undefined
  if (remote !== undefined) return remote.places.map((place) => ({ ...place, path: [instanceId, ...place.path] }))
  const isLoaded = backend.isUp ? candidate.description?.isLoaded : undefined
  const residence = isLoaded === undefined ? 'unknown' : isLoaded ? 'loaded' : 'unloaded'
  const slots = candidate.description?.slots ?? backend.description?.slots
  // Several backends of one gateway are several places.
  return [
    { residence, running: 0, queued: 0, ...(slots !== undefined && { slots }), path: [instanceId, candidate.backend] },
  ]
}

function managedStanding(name: string, residency: Residency): StandingOfModel | undefined {
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
