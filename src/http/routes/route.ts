import type { Scope } from '../../core/principal.ts'
import type { Dialect } from '../../dialects/dialect.ts'
import type { Purpose } from './purpose.ts'

/** What a path means. `name` is a label of logs and metrics: few, stable, never from the client. */
export type Route = {
  readonly name: string
  readonly dialect: Dialect
  /** What a principal needs; `undefined`: open to everyone. */
  readonly scope: Scope | undefined
  /** Another scope that will do. */
  readonly alsoScope?: Scope
  /** A real key, even where nobody is asked for one. */
  readonly needsKey?: true
} & Purpose

/** The routes of one path, by method. */
export type MethodTable = Readonly<Record<string, Route>>

/** The paths that one kind of client knows: one file each. */
export interface RouteFamily {
  readonly paths: readonly (readonly [path: string, methods: MethodTable])[]
  /** Paths that begin so, and go on with a name of the client's. The first that begins so counts. */
  readonly prefixes?: readonly RoutePrefix[]
}

export interface RoutePrefix {
  /** Ends with a slash. */
  readonly prefix: string
  /** @param rest what follows the prefix, neither decoded nor, where it is taken verbatim, rid of slashes at its end */
  readonly methods: (rest: string, method: string) => MethodTable
  /** The rest keeps the slashes at its end: they are the engine's. */
  readonly isVerbatim?: true
}

/** One route for several methods. */
export function forMethods(methods: readonly string[], route: Route): MethodTable {
  return Object.fromEntries(methods.map((method) => [method, route]))
}

/** Model ids hold slashes and percent signs; a malformed escape is taken as it stands. */
export function decodeName(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
