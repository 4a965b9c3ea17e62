/** Files of a page, which a browser that still shows it asks for again and again. */
const asset = /\.(?:js|mjs|css|map|json|png|gif|jpe?g|svg|ico|webp|woff2?|ttf|txt|webmanifest)$/i

/** What monitors and clients ask an engine all the time; none of it is worth a load. */
const probes: ReadonlySet<string> = new Set([
  '/health',
  '/healthz',
  '/ping',
  '/version',
  '/metrics',
  '/props',
  '/slots',
  '/models',
  '/v1/models',
  '/v1/props',
  '/api/tags',
  '/api/version',
  '/api/ps',
  '/is_sleeping',
])

/** A request that is answered where the model is in memory, and is no reason to bring it there. */
export function neverLoads({ method, path }: { readonly method: string; readonly path: string }): boolean {
  if (method !== 'GET' && method !== 'HEAD') return method === 'OPTIONS'
  return probes.has(path.replace(/\/$/, '')) || asset.test(path)
}
