import type { LayerFacts, ModelFacts } from './model-facts.ts'

/** One file, as far as memory is concerned. */
export interface GgufPart {
  readonly bytes: number
  readonly metadata: Readonly<Record<string, unknown>>
  /** Where the weights begin. */
  readonly dataOffset: number
  readonly tensors: readonly { readonly name: string; /** From `dataOffset`. */ readonly offset: number }[]
}

/** Far above any model there is. */
const layersMax = 2_048

/**
 * Facts from the header's keys, which are named by the architecture: `llama.block_count`.
 *
 * @throws Error naming the key that is missing.
 */
export function modelFacts(parts: readonly GgufPart[]): ModelFacts {
  const [first] = parts
  if (first === undefined) throw new Error('no file was given')
  const { metadata } = first
  const architecture = metadata['general.architecture']
  if (typeof architecture !== 'string') throw new Error('general.architecture is missing')
  const keys: Keys = {
    architecture,
    number: (key) => numberOf(metadata[`${architecture}.${key}`]),
    perLayer: (key) => metadata[`${architecture}.${key}`],
  }
  const blocks = keys.number('block_count')
  const embeddingLength = keys.number('embedding_length')
  if (parts.some(isCutOff)) throw new Error('the file is cut off, as after a download that broke off')
  if (blocks === undefined || blocks < 1 || blocks > layersMax)
    throw new Error(`${architecture}.block_count is missing`)
  if (embeddingLength === undefined) throw new Error(`${architecture}.embedding_length is missing`)

  const sizes = tensorSizes(parts)
  const pooling = poolings[keys.number('pooling_type') ?? 0]
  const name = metadata['general.name']
  const tokens = metadata['tokenizer.ggml.tokens']
  return {
    architecture,
    ...(typeof name === 'string' && { name }),
    trainedContext: keys.number('context_length'),
    embeddingLength,
    feedForwardLength: perLayer(keys.perLayer('feed_forward_length'), 0) ?? 4 * embeddingLength,
    vocabularySize: keys.number('vocab_size') ?? (Array.isArray(tokens) ? tokens.length : 0),
    layers: Array.from({ length: blocks }, (_, layer) => layerFacts(layer, { keys, embeddingLength, sizes })),
    inputBytes: sumOf(sizes, (tensor) => /^(token_embd|per_layer_token_embd|position_embd)\./.test(tensor)),
    outputBytes: sumOf(
      sizes,
      (tensor) => !tensor.startsWith('blk.') && !/^(token_embd|per_layer_token_embd|position_embd)\./.test(tensor),
    ),
    ...(keys.number('attention.sliding_window') && { slidingWindow: keys.number('attention.sliding_window') }),
    ...(pooling && { pooling }),
    weightBytes: sumOf(sizes, () => true),
  }
}

/** The reader takes what is missing for zeros. */
function isCutOff({ bytes, dataOffset, tensors }: GgufPart): boolean {
  return dataOffset > bytes || tensors.some(({ name, offset }) => name === '' || dataOffset + offset >= bytes)
}

interface Keys {
  readonly architecture: string
  readonly number: (key: string) => number | undefined
  readonly perLayer: (key: string) => unknown
}

/** As the format numbers them; 0 is none. */
const poolings = [undefined, 'mean', 'cls', 'last', 'rank'] as const

function layerFacts(
  layer: number,
  { keys, embeddingLength, sizes }: { keys: Keys; embeddingLength: number; sizes: ReadonlyMap<string, number> },
): LayerFacts {
  const prefix = `blk.${layer}.`
  const heads = perLayer(keys.perLayer('attention.head_count'), layer) ?? 0
  const headsKv = isAttention(layer, keys) ? (perLayer(keys.perLayer('attention.head_count_kv'), layer) ?? heads) : 0
  const headSize = heads === 0 ? 0 : embeddingLength / heads
  const isWindowed = isWindowedLayer(layer, keys)
  const windowed = isWindowed ? '_swa' : ''
  const size = (what: 'key' | 'value'): number => {
    return keys.number(`attention.${what}_length${windowed}`) ?? keys.number(`attention.${what}_length`) ?? headSize
  }
  // With latent attention the values are read out of the keys, so only those are kept.
  const isLatent = keys.number('attention.key_length_mla') !== undefined
  return {
    weightBytes: sumOf(sizes, (tensor) => tensor.startsWith(prefix)),
    expertBytes: sumOf(sizes, (tensor) => tensor.startsWith(prefix) && /_exps\b/.test(tensor)),
    keyWidth: headsKv * size('key'),
    valueWidth: isLatent ? 0 : headsKv * size('value'),
    isWindowed,
    stateBytes: headsKv === 0 ? stateBytes(keys) : 0,
  }
}

/** Hybrid models have attention in every n-th layer, and in the others a state of fixed size. */
function isAttention(layer: number, keys: Keys): boolean {
  const interval = keys.number('full_attention_interval')
  return interval === undefined || interval < 1 || (layer + 1) % interval === 0
}

/** The last of so many layers sees everything. Newer files list it layer by layer; these do not say, llama.cpp knows. */
const windowPatterns: Readonly<Record<string, number>> = {
  gemma2: 2,
  gemma3: 6,
  'gpt-oss': 2,
  cohere2: 4,
  llama4: 4,
  exaone4: 4,
}

function isWindowedLayer(layer: number, keys: Keys): boolean {
  if (!keys.number('attention.sliding_window') && keys.architecture !== 'llama4') return false
  const listed = keys.perLayer('attention.sliding_window_pattern')
  if (Array.isArray(listed)) return listed[layer] === true || listed[layer] === 1
  const pattern = numberOf(listed) ?? windowPatterns[keys.architecture]
  return pattern !== undefined && pattern > 1 && (layer + 1) % pattern !== 0
}

/** A state of four bytes a number, and the last columns of a short convolution beside it. */
function stateBytes(keys: Keys): number {
  const inner = keys.number('ssm.inner_size') ?? 0
  return 4 * inner * ((keys.number('ssm.state_size') ?? 0) + (keys.number('ssm.conv_kernel') ?? 0))
}

/** A tensor reaches to where the next begins, which holds for types of numbers that do not exist yet. */
function tensorSizes(parts: readonly GgufPart[]): ReadonlyMap<string, number> {
  return new Map(
    parts.flatMap(({ bytes, dataOffset, tensors }) => {
      const ordered = tensors.toSorted((a, b) => a.offset - b.offset)
      const end = Math.max(0, bytes - dataOffset)
      return ordered.map(({ name, offset }, index): [string, number] => {
        return [name, Math.max(0, Math.min(ordered[index + 1]?.offset ?? end, end) - offset)]
      })
    }),
  )
}

function sumOf(sizes: ReadonlyMap<string, number>, isCounted: (name: string) => boolean): number {
  return Array.from(sizes).reduce((sum, [name, bytes]) => (isCounted(name) ? sum + bytes : sum), 0)
}

function perLayer(value: unknown, layer: number): number | undefined {
  return Array.isArray(value) ? numberOf(value[layer]) : numberOf(value)
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'bigint' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}
