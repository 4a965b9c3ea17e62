import type { Operation } from '../../core/operation.ts'

/** What a path is for: who answers it, and with what. */
export type Purpose =
  | { readonly purpose: 'operation'; readonly operation: Operation }
  /** Of a chat in the route's dialect, which is not sent. */
  | { readonly purpose: 'count-tokens' }
  | { readonly purpose: 'stored-response'; readonly wish: StoredResponseWish }
  | { readonly purpose: 'list-models' }
  | { readonly purpose: 'show-model'; readonly model: string }
  | { readonly purpose: 'greeting' }
  /** A file of the page for browsers; undefined where the slash is missing that its addresses need. */
  | { readonly purpose: 'web-page'; readonly file: string | undefined }
  | { readonly purpose: 'liveness' }
  | { readonly purpose: 'readiness' }
  | { readonly purpose: 'metrics' }
  | { readonly purpose: 'state' }
  | { readonly purpose: 'queue' }
  /** Follow requests to models, with what is said in them. */
  | { readonly purpose: 'record' }
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

/** What clients of llama-server and vLLM ask a server about itself. */
export type LlamaServerWish = 'props' | 'slots' | 'health' | 'version'

/** What programs that know llama-swap ask for. */
export type LlamaSwapWish =
  | { readonly type: 'health' }
  | { readonly type: 'running' }
  /** Without a model: all of them. */
  | { readonly type: 'unload'; readonly model?: string; readonly isJson?: true }
  | { readonly type: 'logs' }
  | { readonly type: 'events' }
  | { readonly type: 'activity' }
  | { readonly type: 'activity-stats' }
  | { readonly type: 'profiles' }
  | { readonly type: 'performance' }
  /** Of the gateway (`proxy`), of all engines (`upstream`), of one model, or of everything. */
  | { readonly type: 'log-stream'; readonly of?: string }

/** What clients of LM Studio ask of the models there are. */
export type LmStudioWish =
  | { readonly type: 'models' }
  | { readonly type: 'earlier-models' }
  | { readonly type: 'earlier-model'; readonly model: string }

/** What clients of Ollama ask of the models there are. */
export type OllamaWish =
  | { readonly type: 'tags' }
  | { readonly type: 'running' }
  | { readonly type: 'version' }
  /** Without a model: the one that would serve. */
  | { readonly type: 'show' }
  /** Of a model that is there already: nothing has to be done. */
  | { readonly type: 'pull' }
  /** Files of models are the operator's business. */
  | { readonly type: 'manage'; readonly what: string }

/** What a client wants of a response that was kept for it. */
export interface StoredResponseWish {
  readonly type: 'show' | 'delete' | 'input-items' | 'cancel'
  readonly id: string
}
