import * as fc from 'fast-check'

import { type GatewayState, type PlaceResidence, residences } from '../../src/core/gateway-state.ts'

const standing = {
  residence: fc.constantFrom(...residences),
  running: fc.nat(4),
  queued: fc.nat(4),
  slots: fc.nat(4),
  expectedLoadMs: fc.nat(9_000),
  meanServiceMs: fc.nat(9_000),
}

const requiredKeys = ['residence', 'running', 'queued'] as const

/** By way of up to three gateways. */
export const anyPlace: fc.Arbitrary<PlaceResidence> = fc.record(
  { ...standing, path: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1 }) },
  { requiredKeys: [...requiredKeys, 'path'] },
)

const name = fc.constantFrom('a', 'b', 'c', 'org/d:8b')

/** Any state of a gateway with a few models, backends and pools. */
export const anyGatewayState: fc.Arbitrary<GatewayState> = fc.record({
  version: fc.constant(1 as const),
  instanceId: fc.constant('box'),
  models: fc.uniqueArray(
    fc.record(
      {
        id: name,
        ...standing,
        sinceMs: fc.nat(),
        backends: fc.array(name, { maxLength: 2 }),
        places: fc.array(anyPlace, { maxLength: 2 }),
      },
      { requiredKeys: [...requiredKeys, 'id', 'sinceMs', 'backends', 'places'] },
    ),
    { selector: ({ id }) => id },
  ),
  backends: fc.uniqueArray(
    fc.record({
      name,
      kind: fc.constantFrom('vllm', 'llmr'),
      status: fc.constantFrom('healthy', 'failing'),
      inflight: fc.nat(4),
      loaded: fc.array(name, { maxLength: 2 }),
    }),
    { selector: (backend) => backend.name },
  ),
  pools: fc.uniqueArray(fc.record({ name, sizeBytes: fc.nat(), usedBytes: fc.nat() }), {
    selector: (pool) => pool.name,
  }),
})
