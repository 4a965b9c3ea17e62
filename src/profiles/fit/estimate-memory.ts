import type { LayerFacts, ModelFacts } from './model-facts.ts'

/** What decides how much memory a launched model takes. */
export interface FitSettings {
  /** Tokens that one request may use. */
  readonly context: number
  readonly parallel: number
  readonly kvTypes: { readonly k: string; readonly v: string }
  /** Layers in VRAM from the last on; one more than there are includes the output. Infinity: all. */
  readonly gpuLayers: number
  /** Layers, from the first on, whose experts stay in RAM. */
  readonly cpuExperts: number
  /** Tokens read in one step. */
  readonly microBatch: number
  /** Bytes of weights that are loaded beside the model: a projector, a draft model. */
  readonly besideBytes: number
}

/** Bytes, on the GPU but for `ramBytes`. */
export interface MemoryEstimate {
  readonly weightBytes: number
  readonly kvBytes: number
  readonly overheadBytes: number
  readonly totalBytes: number
  /** Weights and cache that stay in RAM. */
  readonly ramBytes: number
}

/** Context of a CUDA or ROCm process with its libraries. Measured by users between 250 and 500 MiB. */
const processBytes = 400 * 1024 ** 2

/** llama.cpp rounds its caches up to this many cells. */
const cellStep = 256

/**
 * Weights are known to the byte and the cache follows from the types; the overhead (the process itself, the logits and
 * activations of one step) is an estimate, so a margin is left to whoever compares.
 */
export function estimateMemory(model: ModelFacts, settings: FitSettings): MemoryEstimate {
  const count = model.layers.length
  const firstOnGpu = Math.max(0, count - settings.gpuLayers)
  const hasOutput = settings.gpuLayers > count
  const isAnyOnGpu = settings.gpuLayers > 0
  const onGpu = model.layers.map((layer, index) => {
    const isHere = index >= firstOnGpu
    const experts = index < settings.cpuExperts ? layer.expertBytes : 0
    return { weights: isHere ? layer.weightBytes - experts : 0, kv: isHere ? kvBytes(layer, model, settings) : 0 }
  })
  const allKv = model.layers.reduce((sum, layer) => sum + kvBytes(layer, model, settings), 0)
  const weightBytes =
    sum(onGpu.map(({ weights }) => weights)) + (hasOutput ? outputBytes(model) : 0) + settings.besideBytes
  const kv = sum(onGpu.map((layer) => layer.kv))
  const overheadBytes = isAnyOnGpu ? processBytes + stepBytes(model, settings) : 0
  return {
    weightBytes: isAnyOnGpu ? weightBytes : 0,
    kvBytes: kv,
    overheadBytes,
    totalBytes: (isAnyOnGpu ? weightBytes : 0) + kv + overheadBytes,
    ramBytes: model.weightBytes + settings.besideBytes - (isAnyOnGpu ? weightBytes : 0) + allKv - kv,
  }
}

/** A model whose output is its embeddings read backwards keeps a second copy of them on the GPU. */
function outputBytes({ outputBytes: own, inputBytes, embeddingLength }: ModelFacts): number {
  return own > 8 * embeddingLength ? own : own + inputBytes
}

/** One layer's cache for all requests. */
function kvBytes(layer: LayerFacts, { slidingWindow }: ModelFacts, settings: FitSettings): number {
  const { context, parallel, kvTypes, microBatch } = settings
  const window = layer.isWindowed && slidingWindow !== undefined ? slidingWindow + microBatch : Number.POSITIVE_INFINITY
  const cells = parallel * Math.ceil(Math.min(context, window) / cellStep) * cellStep
  return (
    cells * (layer.keyWidth * bytesPer(kvTypes.k) + layer.valueWidth * bytesPer(kvTypes.v)) +
    parallel * layer.stateBytes
  )
}

/** Logits of a step, and the widest activations that live at one time. */
function stepBytes(
  { vocabularySize, embeddingLength, feedForwardLength }: ModelFacts,
  { microBatch }: FitSettings,
): number {
  return 4 * microBatch * (vocabularySize + 2 * feedForwardLength + 4 * embeddingLength)
}

/** Blocks of 32 numbers share a scale. An unknown type counts as f16, which errs to the safe side. */
const bytesPerNumber: Readonly<Record<string, number>> = {
  f32: 4,
  f16: 2,
  bf16: 2,
  q8_0: 34 / 32,
  q5_1: 24 / 32,
  q5_0: 22 / 32,
  q4_1: 20 / 32,
  q4_0: 18 / 32,
  iq4_nl: 18 / 32,
}

function bytesPer(type: string): number {
  return bytesPerNumber[type] ?? 2
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
