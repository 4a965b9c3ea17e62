import { Buffer } from 'node:buffer'

import { chatTemplate } from '../../src/sim/chat-template.ts'
import { hashText, seededRandom } from '../../src/sim/seeded-random.ts'

export interface TinyModel {
  readonly name?: string
  readonly seed?: number
  readonly contextLength?: number
  /** Makes an embedding model (`mean`) or a reranker (`rank`). */
  readonly pooling?: 'none' | 'mean' | 'rank'
  /** How readily a reply ends: 4 by default, higher is shorter. */
  readonly endBias?: number
  /** How readily a reply calls a tool: -12 by default, which is never; 3 is soon. */
  readonly callBias?: number
  /** Texts that are one token each, as markers of calls are; none of them is ever said unless a request makes it likely. */
  readonly markers?: readonly string[]
  /** The chat template; one that shows tools by default. */
  readonly template?: string
}

/**
 * A language model of a third of a megabyte as a GGUF file (version 3, llama architecture), so that a real llama-server
 * can be loaded and asked without downloaded weights. The weights are random; the same arguments give the same bytes.
 *
 * What it says is readable because every token has a bias: channel 0 carries the same number through all layers, and
 * each row of the output matrix weighs it. Words are likely, bytes and control tokens all but impossible.
 */
export function tinyGguf(model: TinyModel = {}): Buffer {
  const vocabulary = tinyVocabulary(model)
  const tensors = tinyTensors(vocabulary, model.seed ?? 1)
  const metadata = tinyMetadata(vocabulary, model)
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    uint32(3),
    uint64(tensors.length),
    uint64(metadata.length),
    ...metadata.flatMap(({ key, type, bytes }) => [text(key), uint32(type), bytes]),
    ...tensorHeads(tensors),
  ])
  return Buffer.concat([padded(head), ...tensors.map(({ values }) => padded(Buffer.from(values.buffer)))])
}

const dimensions = 64
const headCount = 4
const headSize = dimensions / headCount
const feedForward = 128

/** What channel 0 holds. */
const constant = 4

// Vocabulary ---------------------------------------------------------------------------------------------------------

/** Token types of the format. */
const normal = 1
const unknown = 2
const control = 3
const userDefined = 4
const byte = 6

interface Token {
  readonly text: string
  readonly type: number
  readonly bias: number
}

function tinyVocabulary({ endBias = 4, callBias = -12, markers = [] }: TinyModel): readonly Token[] {
  const never = -12
  const rare = -4
  const likely = 1
  return [
    { text: '<unk>', type: unknown, bias: never },
    { text: '<s>', type: control, bias: never },
    { text: endToken, type: control, bias: endBias },
    { text: '<|im_start|>', type: control, bias: never },
    { text: '<tool_call>', type: userDefined, bias: callBias },
    { text: '</tool_call>', type: userDefined, bias: never },
    ...markers.filter((text) => !ownTokens.has(text)).map((text) => ({ text, type: userDefined, bias: never })),
    ...Array.from({ length: 256 }, (_, value) => ({ text: byteToken(value), type: byte, bias: never })),
    ...Array.from({ length: 94 }, (_, index) => ({
      text: String.fromCharCode(33 + index),
      type: normal,
      bias: rare,
    })),
    { text: spaceMark, type: normal, bias: rare },
    ...words().map((word) => ({ text: spaceMark + word, type: normal, bias: likely })),
  ]
}

const endToken = '<|im_end|>'
/** A word of the vocabulary must not be in it twice. */
const ownTokens: ReadonlySet<string> = new Set([
  '<unk>',
  '<s>',
  '</s>',
  endToken,
  '<|im_start|>',
  '<tool_call>',
  '</tool_call>',
])
const spaceMark = '\u2581'

function byteToken(value: number): string {
  return `<0x${value.toString(16).toUpperCase().padStart(2, '0')}>`
}

function words(): string[] {
  const syllables = ['ba', 'do', 'fen', 'gul', 'ki', 'lor', 'ma', 'nes', 'pil', 'ra', 'su', 'tan', 'vo', 'zir']
  return syllables.flatMap((first) => syllables.map((second) => first + second))
}

// Metadata -----------------------------------------------------------------------------------------------------------

/** Value types of the format. */
const types = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const

interface Entry {
  readonly key: string
  readonly type: number
  readonly bytes: Buffer
}

function tinyMetadata(
  vocabulary: readonly Token[],
  { name = 'tiny', contextLength = 8192, pooling = 'none', template = chatTemplate }: TinyModel,
): readonly Entry[] {
  const poolingType = { none: 0, mean: 1, rank: 4 }[pooling]
  return [
    stringEntry('general.architecture', 'llama'),
    stringEntry('general.name', name),
    numberEntry('general.file_type', 0), // all of it is float32
    numberEntry('llama.context_length', contextLength),
    numberEntry('llama.embedding_length', dimensions),
    numberEntry('llama.block_count', 1),
    numberEntry('llama.feed_forward_length', feedForward),
    numberEntry('llama.rope.dimension_count', headSize),
    numberEntry('llama.attention.head_count', headCount),
    numberEntry('llama.attention.head_count_kv', headCount),
    { key: 'llama.attention.layer_norm_rms_epsilon', type: types.float32, bytes: float32(1e-5) },
    ...(poolingType === 0 ? [] : [numberEntry('llama.pooling_type', poolingType)]),
    stringEntry('tokenizer.ggml.model', 'llama'),
    listEntry(
      'tokenizer.ggml.tokens',
      types.string,
      vocabulary.map((token) => text(token.text)),
    ),
    listEntry(
      'tokenizer.ggml.scores',
      types.float32,
      vocabulary.map((_, index) => float32(-index)),
    ),
    listEntry(
      'tokenizer.ggml.token_type',
      types.int32,
      vocabulary.map((token) => uint32(token.type)),
    ),
    numberEntry('tokenizer.ggml.unknown_token_id', 0),
    numberEntry('tokenizer.ggml.bos_token_id', 1),
    numberEntry(
      'tokenizer.ggml.eos_token_id',
      vocabulary.findIndex((token) => token.text === endToken),
    ),
    { key: 'tokenizer.ggml.add_space_prefix', type: types.bool, bytes: Buffer.from([0]) },
    stringEntry('tokenizer.chat_template', template),
  ]
}

function stringEntry(key: string, value: string): Entry {
  return { key, type: types.string, bytes: text(value) }
}

function numberEntry(key: string, value: number): Entry {
  return { key, type: types.uint32, bytes: uint32(value) }
}

function listEntry(key: string, type: number, items: readonly Buffer[]): Entry {
  return { key, type: types.array, bytes: Buffer.concat([uint32(type), uint64(items.length), ...items]) }
}

// Tensors ------------------------------------------------------------------------------------------------------------

interface Tensor {
  readonly name: string
  /** Length of a row, then the number of rows. */
  readonly shape: readonly number[]
  readonly values: Float32Array<ArrayBuffer>
}

function tinyTensors(vocabulary: readonly Token[], seed: number): readonly Tensor[] {
  const amplitude = 1 / Math.sqrt(dimensions)
  const matrix = (name: string, [columns, rows]: readonly [number, number], scale: number): Tensor => {
    const random = seededRandom(hashText(`${seed} ${name}`))
    const values = Float32Array.from({ length: columns * rows }, () => (random() * 2 - 1) * scale)
    return { name, shape: [columns, rows], values }
  }
  const square = [dimensions, dimensions] as const
  return [
    withFirstColumn(matrix('token_embd.weight', [dimensions, vocabulary.length], 1), () => constant),
    ones('output_norm.weight'),
    withFirstColumn(
      matrix('output.weight', [dimensions, vocabulary.length], 2.2 * amplitude),
      (row) => ((vocabulary[row]?.bias ?? 0) * typicalNorm) / constant,
    ),
    ones('blk.0.attn_norm.weight'),
    matrix('blk.0.attn_q.weight', square, 2 * amplitude),
    matrix('blk.0.attn_k.weight', square, 2 * amplitude),
    matrix('blk.0.attn_v.weight', square, amplitude),
    withoutFirstRow(matrix('blk.0.attn_output.weight', square, amplitude)),
    ones('blk.0.ffn_norm.weight'),
    matrix('blk.0.ffn_gate.weight', [dimensions, feedForward], amplitude),
    matrix('blk.0.ffn_up.weight', [dimensions, feedForward], amplitude),
    withoutFirstRow(matrix('blk.0.ffn_down.weight', [feedForward, dimensions], 1 / Math.sqrt(feedForward))),
  ]
}

/** About what the last norm divides by: the constant, and the random channels with a variance of a third. */
const typicalNorm = Math.sqrt((constant ** 2 + (dimensions - 1) / 3) / dimensions)

function ones(name: string): Tensor {
  return { name, shape: [dimensions], values: new Float32Array(dimensions).fill(1) }
}

function withFirstColumn(tensor: Tensor, valueOf: (row: number) => number): Tensor {
  const [columns = 1] = tensor.shape
  return {
    ...tensor,
    values: tensor.values.map((value, index) => (index % columns === 0 ? valueOf(index / columns) : value)),
  }
}

/** Such a matrix adds nothing to channel 0. */
function withoutFirstRow(tensor: Tensor): Tensor {
  const [columns = 1] = tensor.shape
  return { ...tensor, values: tensor.values.map((value, index) => (index < columns ? 0 : value)) }
}

function tensorHeads(tensors: readonly Tensor[]): Buffer[] {
  let offset = 0
  return tensors.map(({ name, shape, values }) => {
    const head = Buffer.concat([
      text(name),
      uint32(shape.length),
      ...shape.map(uint64),
      uint32(0), // float32
      uint64(offset),
    ])
    offset += aligned(values.byteLength)
    return head
  })
}

// Bytes --------------------------------------------------------------------------------------------------------------

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return bytes
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([uint64(bytes.length), bytes])
}

/** The format's default alignment. */
function aligned(length: number): number {
  return Math.ceil(length / 32) * 32
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes], aligned(bytes.length))
}
