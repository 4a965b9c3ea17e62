/**
 * Gives embeddings in the encoding the client asked for, whatever the backend does: SDKs ask for base64 by default and
 * read a float reply as garbage.
 *
 * @param reply the backend's parsed reply
 * @returns the same reply when there is nothing to change
 */
export function encodeEmbeddings(reply: unknown, encoding: 'float' | 'base64'): unknown {
  if (!isObject(reply) || !Array.isArray(reply['data'])) return reply
  return { ...reply, data: reply['data'].map((item: unknown) => encodeItem(item, encoding)) }
}

function encodeItem(item: unknown, encoding: 'float' | 'base64'): unknown {
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
