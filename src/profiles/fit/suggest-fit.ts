import { estimateMemory } from './estimate-memory.ts'
import type { FitSettings, MemoryEstimate } from './estimate-memory.ts'
import type { ModelFacts } from './model-facts.ts'

export interface FitSuggestion {
  /** What to write, as keys of a profile. */
  readonly change: string
  readonly estimate: MemoryEstimate
  readonly settings: FitSettings
}

/** Left free: what is estimated may be more, and what draws the screen wants some. */
const marginBytes = 256 * 1024 ** 2

export function isFitting({ totalBytes }: MemoryEstimate, freeBytes: number): boolean {
  return totalBytes + marginBytes <= freeBytes
}

/**
 * What would make a model fit that does not, the change that costs least first: a smaller cache, experts in RAM, a
 * shorter context, fewer layers on the GPU. Empty when nothing does.
 */
export function suggestFit(model: ModelFacts, settings: FitSettings, freeBytes: number): readonly FitSuggestion[] {
  const attempt = (change: string, changed: Partial<FitSettings>): FitSuggestion[] => {
    const all = { ...settings, ...changed }
    const estimate = estimateMemory(model, all)
    return isFitting(estimate, freeBytes) ? [{ change, estimate, settings: all }] : []
  }
  const smallerCache = ['q8_0', 'q4_0'].flatMap((type) => {
    return isSmaller(type, settings)
      ? attempt(`kv_cache: {k: ${type}, v: ${type}}`, { kvTypes: { k: type, v: type } })
      : []
  })
  const layers = model.layers.length
  const experts = firstThat(1, layers, (cpuExperts) => attempt(`flags: {n-cpu-moe: ${cpuExperts}}`, { cpuExperts }))
  const shorter = contexts(settings.context)
    .map((context) => attempt(`context: ${context}`, { context }))
    .find(isSome)
  const fewer = firstThat(1, layers, (less) => {
    const gpuLayers = Math.min(settings.gpuLayers, layers + 1) - less
    return gpuLayers < 1 ? [] : attempt(`gpu_layers: ${gpuLayers}`, { gpuLayers })
  })
  const hasExperts = model.layers.some(({ expertBytes }) => expertBytes > 0)
  const single = [...smallerCache.slice(0, 1), ...(hasExperts ? experts : []), ...(shorter ?? []), ...fewer]
  if (single.length > 0) return single
  const q4 = { k: 'q4_0', v: 'q4_0' }
  const both = contexts(settings.context)
    .map((context) => attempt(`kv_cache: {k: q4_0, v: q4_0}, context: ${context}`, { kvTypes: q4, context }))
    .find(isSome)
  return both ?? []
}

const widths: Readonly<Record<string, number>> = {
  f32: 4,
  f16: 3,
  bf16: 3,
  q8_0: 2,
  q5_1: 1,
  q5_0: 1,
  q4_1: 0,
  q4_0: 0,
}

function isSmaller(type: string, { kvTypes }: FitSettings): boolean {
  return (widths[kvTypes.k] ?? 3) > (widths[type] ?? 0) || (widths[kvTypes.v] ?? 3) > (widths[type] ?? 0)
}

/** Halves down to what a chat needs at least, with steps between. */
function contexts(from: number): readonly number[] {
  const steps = [131_072, 98_304, 65_536, 49_152, 32_768, 24_576, 16_384, 12_288, 8_192, 6_144, 4_096, 2_048]
  return steps.filter((step) => step < from)
}

/** The smallest number that helps; whatever helps, more of it helps too. */
function firstThat(from: number, to: number, attempt: (value: number) => FitSuggestion[]): FitSuggestion[] {
  for (let value = from; value <= to; value += 1) {
    const found = attempt(value)
    if (found.length > 0) return found
  }
  return []
}

function isSome(list: readonly unknown[]): boolean {
  return list.length > 0
}
