/**
 * Two shapes live at the rerank path: some clients read `results[]`, others `data[]`. The reply carries both.
 *
 * @param reply the backend's parsed reply
 */
export function withBothRerankShapes(reply: unknown): unknown {
  if (typeof reply !== 'object' || reply === null) return reply
  const results: unknown = Reflect.get(reply, 'results')
  const data: unknown = Reflect.get(reply, 'data')
  if (Array.isArray(results) && data === undefined) return { ...reply, data: results }
  if (Array.isArray(data) && results === undefined) return { ...reply, results: data }
  return reply
}
