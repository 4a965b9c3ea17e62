import * as fc from 'fast-check'

import type { ModelDescription } from '../../src/core/model.ts'
import type { CandidateLoad } from '../../src/resilience/candidate-load.ts'

interface LoadFacts extends Partial<Omit<CandidateLoad, 'candidate'>> {
  readonly model?: string
  readonly description?: Partial<ModelDescription>
}

/** An idle, healthy backend, but for what is said. */
export function load(backend: string, { model = 'm', description, ...facts }: LoadFacts = {}): CandidateLoad {
  return {
    candidate: {
      backend,
      trust: 'lan',
      model,
      description: description && { id: model, capabilities: {}, ...description },
    },
    inFlight: 0,
    weight: 1,
    isAvailable: true,
    ...facts,
  }
}

/** One to eight backends in any state, told apart by name. */
export const anyLoads: fc.Arbitrary<CandidateLoad[]> = fc
  .array(
    fc.record({
      inFlight: fc.nat(12),
      limit: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
      weight: fc.constantFrom(0.5, 1, 8, 24),
      latencyMs: fc.option(fc.double({ min: 0, max: 60_000, noNaN: true }), { nil: undefined }),
      isAvailable: fc.boolean(),
      isLoaded: fc.option(fc.boolean(), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((all) =>
    all.map(({ isLoaded, ...facts }, index) => load(`gpu-${index}`, { ...facts, description: { isLoaded } })),
  )

export function backendsOf(loads: readonly CandidateLoad[]): readonly string[] {
  return loads.map(({ candidate }) => candidate.backend)
}

/** Numbers in [0, 1) that look random and are the same each time (a 32-bit xorshift). */
export function repeatableRandom(seed: number): () => number {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
