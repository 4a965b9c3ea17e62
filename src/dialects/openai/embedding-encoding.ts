export type EmbeddingEncoding = 'float' | 'base64'

/**
 * Gives embeddings in the encoding the client asked for, whatever the backend does: SDKs ask for base64 by default and
 * read a float reply as garbage. A reply that has it already is not parsed.
 *
 * @param body the backend's whole reply
 * @throws SyntaxError when it would have to be changed and is not JSON
 */
export function encodeEmbeddings(body: Buffer, encoding: EmbeddingEncoding): Buffer {
  const first = /"embedding"\s*:\s*(["[])/.exec(body.toString('latin1', 0, headMaxBytes))?.[1]
  if (first === (encoding === 'base64' ? '"' : '[')) return body
  const reply: unknown = JSON.parse(body.toString())
  if (!isObject(reply) || !Array.isArray(reply['data'])) return body
  const data = reply['data'].map((item: unknown) => encodeItem(item, encoding))
  return Buffer.from(JSON.stringify({ ...reply, data }))
}

/** Far enough to meet the first embedding; beyond it the reply is parsed to be sure. */
const headMaxBytes = 1024

function encodeItem(item: unknown, encoding: EmbeddingEncoding): unknown {
  if (!isObject(item)) return item
  const { embedding } = item
  if (encoding === 'base64' && Array.isArray(embedding)) return { ...item, embedding: toBase64(embedding) }
  if (encoding === 'float' && typeof embedding === 'string') return { ...item, embedding: fromBase64(embedding) }
  return item
}

/** Little-endian 32-bit floats, as the SDKs read them. */
function toBase64(values: readonly unknown[]): string {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, index) => bytes.writeFloatLE(typeof value === 'number' ? value : 0, index * 4))
  return bytes.toString('base64')
}

function fromBase64(text: string): number[] {
  const bytes = Buffer.from(text, 'base64')
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readFloatLE(index * 4))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
