import type { ModelResidence } from '../core/gateway-state.ts'
import type { PlaceForecast } from './candidate-load.ts'

/** What is taken for a load, and for a request, that nobody has measured. */
const loadMsAssumed = 10_000
const serviceMsAssumed = 1_000

/** As long as it is under way, a load that takes longer than it should has at least this share of itself to go. */
const loadShareMin = 0.1

/**
 * When a request that is sent now may begin, from how the model stands there.
 *
 * @param own.inFlight requests of ours there that have not ended, which may be younger than what was told
 * @param own.forMs how long the model has been as it is
 */
export function forecastPlace(
  model: Pick<ModelResidence, 'residence' | 'running' | 'queued' | 'slots' | 'expectedLoadMs' | 'meanServiceMs'>,
  { inFlight, forMs }: { readonly inFlight: number; readonly forMs: number },
): PlaceForecast {
  const { expectedLoadMs: loadMs = loadMsAssumed } = model
  const facts = {
    ahead: Math.max(model.running + model.queued, inFlight),
    slots: Math.max(1, model.slots ?? 1),
    serviceMs: model.meanServiceMs ?? serviceMsAssumed,
  }
  switch (model.residence) {
    case 'loaded':
    case 'unknown':
      return { ...facts, untilLoadedMs: 0, mustLoad: false }
    case 'loading':
      return { ...facts, untilLoadedMs: Math.max(loadMs * loadShareMin, loadMs - forMs), mustLoad: false }
    case 'unloading':
    case 'unloaded':
      // Somebody is there already: that load will have begun.
      return { ...facts, untilLoadedMs: loadMs, mustLoad: facts.ahead === 0 }
  }
}
