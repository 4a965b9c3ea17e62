/**
 * Two shapes live at the rerank path: some clients read `results[]`, others `data[]`. The reply carries both.
 *
 * @param body the backend's whole reply
 * @throws SyntaxError when it is not JSON
 */
export function withBothRerankShapes(body: Buffer): Buffer {
  const reply: unknown = JSON.parse(body.toString())
  if (typeof reply !== 'object' || reply === null) return body
  const results: unknown = Reflect.get(reply, 'results')
  const data: unknown = Reflect.get(reply, 'data')
  if (Array.isArray(results) && data === undefined) return Buffer.from(JSON.stringify({ ...reply, data: results }))
  if (Array.isArray(data) && results === undefined) return Buffer.from(JSON.stringify({ ...reply, results: data }))
  return body
}
