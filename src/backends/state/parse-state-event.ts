import {
  type BackendResidence,
  type GatewayState,
  type GatewayStateEvent,
  gatewayStateVersion,
  type ModelResidence,
  type PoolResidence,
  residences,
  type StandingOfModel,
} from '../../core/gateway-state.ts'
import { at, listAt, numberAt, textAt } from '../../core/foreign-json.ts'

/** An event of another gateway's state; `undefined` when it is of a version or a kind that is not known. */
export function parseStateEvent(json: unknown): GatewayStateEvent | undefined {
  const sequence = numberAt(json, 'sequence')
  if (sequence === undefined) return undefined
  switch (textAt(json, 'type')) {
    case 'snapshot': {
      const given = at(json, 'state')
      if (at(given, 'version') !== gatewayStateVersion) return undefined
      const instanceId = textAt(given, 'instanceId') ?? ''
      const state: GatewayState = { version: gatewayStateVersion, instanceId, ...partsOf(given) }
      return { type: 'snapshot', sequence, state }
    }
    case 'delta': {
      const names = (list: string): string[] => listAt(json, 'gone', list).flatMap(textOf)
      const gone = { models: names('models'), backends: names('backends'), pools: names('pools') }
      return { type: 'delta', sequence, ...partsOf(json), gone }
    }
    default:
      return undefined
  }
}

function partsOf(json: unknown): Pick<GatewayState, 'models' | 'backends' | 'pools'> {
  return {
    models: listAt(json, 'models').flatMap((model) => modelOf(model) ?? []),
    backends: listAt(json, 'backends').flatMap((backend) => backendOf(backend) ?? []),
    pools: listAt(json, 'pools').flatMap((pool) => poolOf(pool) ?? []),
  }
}

function modelOf(json: unknown): ModelResidence | undefined {
  const id = textAt(json, 'id')
  if (id === undefined) return undefined
  return {
    id,
    sinceMs: numberAt(json, 'sinceMs') ?? 0,
    ...standingOf(json),
    backends: listAt(json, 'backends').flatMap(textOf),
    places: listAt(json, 'places').map((place) => ({
      ...standingOf(place),
      path: listAt(place, 'path').flatMap(textOf),
    })),
  }
}

function standingOf(json: unknown): StandingOfModel {
  const said = textAt(json, 'residence')
  const optional = (['slots', 'expectedLoadMs', 'meanServiceMs'] as const).flatMap((name) => {
    const number = numberAt(json, name)
    return number === undefined ? [] : [[name, number] as const]
  })
  return {
    residence: residences.find((residence) => residence === said) ?? 'unknown',
    running: numberAt(json, 'running') ?? 0,
    queued: numberAt(json, 'queued') ?? 0,
    ...Object.fromEntries(optional),
  }
}

function backendOf(json: unknown): BackendResidence | undefined {
  const name = textAt(json, 'name')
  if (name === undefined) return undefined
  return {
    name,
    kind: textAt(json, 'kind') ?? '',
    status: textAt(json, 'status') ?? '',
    inflight: numberAt(json, 'inflight') ?? 0,
    loaded: listAt(json, 'loaded').flatMap(textOf),
  }
}

function poolOf(json: unknown): PoolResidence | undefined {
  const name = textAt(json, 'name')
  if (name === undefined) return undefined
  return { name, sizeBytes: numberAt(json, 'sizeBytes') ?? 0, usedBytes: numberAt(json, 'usedBytes') ?? 0 }
}

function textOf(value: unknown): string[] {
  return typeof value === 'string' ? [value] : []
}
