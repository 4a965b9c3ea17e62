import type { Operation } from '../../core/operation.ts'
import type { Scope } from '../../core/principal.ts'
import type { Dialect } from '../../dialects/dialect.ts'
import type { LlamaServerWish } from './llama-server.ts'
import type { LlamaSwapWish } from './llama-swap.ts'
import type { LmStudioWish } from './lm-studio.ts'
import type { OllamaWish } from './ollama.ts'
import type { StoredResponseWish } from './responses.ts'

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

export type Purpose =
  | { readonly purpose: 'operation'; readonly operation: Operation }
  /** Of a chat in the route's dialect, which is not sent. */
  | { readonly purpose: 'count-tokens' }
  | { readonly purpose: 'stored-response'; readonly wish: StoredResponseWish }
  | { readonly purpose: 'list-models' }
  | { readonly purpose: 'show-model'; readonly model: string }
  | { readonly purpose: 'greeting' }
  | { readonly purpose: 'liveness' }
  | { readonly purpose: 'readiness' }
  | { readonly purpose: 'metrics' }
  | { readonly purpose: 'state' }
  | { readonly purpose: 'queue' }
  | { readonly purpose: 'admin'; readonly resource: string }
  | { readonly purpose: 'llama-swap'; readonly wish: LlamaSwapWish }
  /** An engine itself; `rest` names the model, and the engine's path. */
  | { readonly purpose: 'upstream'; readonly rest: string }
  | { readonly purpose: 'models-available' }
  | { readonly purpose: 'models-status' }
  | { readonly purpose: 'models-switch' }
  | { readonly purpose: 'ollama'; readonly wish: OllamaWish }
  | { readonly purpose: 'lm-studio'; readonly wish: LmStudioWish }
  | { readonly purpose: 'llama-server'; readonly wish: LlamaServerWish }
  /** What an engine does without computing a reply, at this path of its own. */
  | { readonly purpose: 'engine-tool'; readonly path: string }

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
