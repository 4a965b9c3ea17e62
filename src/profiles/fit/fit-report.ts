import { knownFlags } from '../flags/known-flags.ts'
import type { FlagValue } from '../flags/flag-value.ts'
import { llamaServerFlags } from '../launch/llama-server-words.ts'
import type { LaunchProfile } from '../launch-profile.ts'
import { estimateMemory } from './estimate-memory.ts'
import type { FitSettings, MemoryEstimate } from './estimate-memory.ts'
import type { ModelFacts } from './model-facts.ts'
import { isFitting, suggestFit } from './suggest-fit.ts'
import type { FitSuggestion } from './suggest-fit.ts'

export interface FitReport {
  readonly settings: FitSettings
  readonly estimate: MemoryEstimate
  /** Bytes of cache for types and contexts that one might choose. */
  readonly cacheTable: readonly { readonly context: number; readonly bytesByType: Readonly<Record<string, number>> }[]
  /** Absent when nobody knows what is free. */
  readonly verdict?: {
    readonly freeBytes: number
    readonly isFitting: boolean
    readonly suggestions: readonly FitSuggestion[]
  }
  /** What is worth a word beside the numbers. */
  readonly notes: readonly string[]
}

export interface FitInput {
  readonly model: ModelFacts
  readonly settings: FitSettings
  readonly freeBytes?: number
}

/** The memory a model takes against what is free, and what to change if that is too little. */
export function fitReport({ model, settings, freeBytes }: FitInput): FitReport {
  const estimate = estimateMemory(model, settings)
  return {
    settings,
    estimate,
    cacheTable: tableContexts(model, settings).map((context) => ({
      context,
      bytesByType: Object.fromEntries(tableTypes.map((type) => [type, cacheBytes(model, settings, { context, type })])),
    })),
    ...(freeBytes !== undefined && {
      verdict: {
        freeBytes,
        isFitting: isFitting(estimate, freeBytes),
        suggestions: isFitting(estimate, freeBytes) ? [] : suggestFit(model, settings, freeBytes),
      },
    }),
    notes: notesOn(model, settings),
  }
}

/** What a profile says about memory, in its keys or among its flags. */
export function fitSettings(
  profile: LaunchProfile,
  { trainedContext, layers }: ModelFacts,
  besideBytes: number,
): FitSettings {
  const flags = new Map(llamaServerFlags(profile, knownFlags()).flags.map(({ key, value }) => [key, value]))
  const parallel = numberAt(flags.get('parallel')) ?? 1
  const total = numberAt(flags.get('ctx-size'))
  const gpuLayers = flags.get('gpu-layers')
  return {
    context: total === undefined || total === 0 ? (trainedContext ?? 4_096) : Math.floor(total / Math.max(1, parallel)),
    parallel: Math.max(1, parallel),
    kvTypes: { k: textAt(flags.get('cache-type-k')) ?? 'f16', v: textAt(flags.get('cache-type-v')) ?? 'f16' },
    gpuLayers: numberAt(gpuLayers) ?? Number.POSITIVE_INFINITY,
    cpuExperts: flags.get('cpu-moe') === true ? layers.length : (numberAt(flags.get('n-cpu-moe')) ?? 0),
    microBatch: numberAt(flags.get('ubatch-size')) ?? 512,
    besideBytes,
  }
}

const tableTypes = ['f16', 'q8_0', 'q4_0']

function tableContexts({ trainedContext }: ModelFacts, { context }: FitSettings): readonly number[] {
  const longest = trainedContext ?? context
  const usual = [8_192, 32_768, 131_072].filter((one) => one < longest)
  return [...new Set([...usual, context, longest])].toSorted((a, b) => a - b)
}

function cacheBytes(
  model: ModelFacts,
  settings: FitSettings,
  { context, type }: { readonly context: number; readonly type: string },
): number {
  return estimateMemory(model, { ...settings, context, kvTypes: { k: type, v: type } }).kvBytes
}

function notesOn({ trainedContext, layers }: ModelFacts, { context, kvTypes }: FitSettings): readonly string[] {
  const isHybrid = layers.some(({ keyWidth }) => keyWidth === 0) && layers.some(({ keyWidth }) => keyWidth > 0)
  return [
    ...(trainedContext !== undefined && context > trainedContext
      ? [`the model was trained for ${trainedContext} tokens; more needs RoPE scaling, and gets worse`]
      : []),
    ...(kvTypes.k !== kvTypes.v
      ? ['K and V of different types are slow on many GPUs; builds for all pairs are rare']
      : []),
    ...(isHybrid
      ? ['part of its layers keep a small state and no cache, so a long context costs less than usual']
      : []),
  ]
}

function numberAt(value: FlagValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function textAt(value: FlagValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
