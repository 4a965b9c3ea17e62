import { decodeName } from '../../../http/routes/route.ts'

/** Which model a path below `/upstream/` is about, and what the engine is asked for. */
export interface UpstreamTarget {
  readonly model: string
  /** `/upstream/MODEL` as the client wrote it: what has to stand before the engine's own paths. */
  readonly prefix: string
  /** Begins with a slash, unless nothing at all follows the model's name. Escapes as they came. */
  readonly path: string
}

/**
 * The longest beginning that is the name of a model counts: names hold slashes, plain or escaped.
 *
 * @param rest what follows `/upstream/`
 */
export function findTarget(rest: string, isModel: (name: string) => boolean): UpstreamTarget | undefined {
  for (let end = rest.length; end > 0; end = rest.lastIndexOf('/', end - 1)) {
    const written = rest.slice(0, end)
    const model = decodeName(written)
    if (isModel(model)) return { model, prefix: `/upstream/${written}`, path: rest.slice(end) }
  }
  return undefined
}
