import type { BackendDescription, BackendSettings } from '../core/backend.ts'
import type { Operation } from '../core/operation.ts'
import type { ToolFacts } from '../core/tool-facts.ts'
import type { CallReply } from './call.ts'
import type { ChatAbilities } from './chat/chat-abilities.ts'
import type { PromptedChat } from './tools/prompted-chat.ts'

/** Questions to one engine, all under one deadline. */
export interface BackendApi {
  /** The parsed reply. @throws BackendFailure when there is none, or it is a refusal, or it is not JSON. */
  get(path: string): Promise<unknown>
  post(path: string, json: unknown): Promise<unknown>
  /** The reply as it came, refusals too. @throws BackendFailure when there is none. */
  ask(method: 'GET' | 'POST', path: string, json?: unknown): Promise<CallReply>
  /** @throws BackendFailure when the reply is a refusal or is not JSON. */
  expectJson(reply: CallReply): unknown
}

/** What llmr knows of one kind of engine. Nothing it asks may load a model, wake one that sleeps, or cost money. */
export interface BackendAdapter {
  readonly kind: string
  /** The port it listens on unless told otherwise. */
  readonly usualPort?: number
  /** Where it takes an operation in OpenAI's shape; `undefined` when it cannot do it at all. */
  path(operation: Operation): string | undefined
  /** What it takes in a chat that llmr writes itself; one of a client in OpenAI's dialect travels as it came. */
  chat(settings: BackendSettings): ChatAbilities
  /** Everything the engine says about itself: some requests, for start-up, changes and now and then. */
  describe(api: BackendApi, settings: BackendSettings, previous?: BackendDescription): Promise<BackendDescription>
  /** One cheap request that tells a healthy engine from one in trouble. @throws BackendFailure for the latter. */
  check(api: BackendApi): Promise<{ readonly isLoading: boolean }>
  /**
   * How many tokens the prompt of a chat request has, where the engine tells without computing a reply; `undefined` when
   * it did not. Asked only while the model is in memory.
   */
  countTokens?(
    api: BackendApi,
    request: { readonly model: string; readonly body: Readonly<Record<string, unknown>> },
  ): Promise<number | undefined>
  /** The prompt that the engine makes of a chat request, where it shows one; nothing is computed. */
  renderPrompt?(
    api: BackendApi,
    request: { readonly model: string; readonly body: Readonly<Record<string, unknown>> },
  ): Promise<string | undefined>
  /** How tools reach this model, as far as it can be seen without a token being computed or a model being loaded. */
  readTools?(api: BackendApi, model: string): Promise<ToolFacts>
  /** Present where a chat can be sent as the text that it becomes. */
  readonly prompted?: PromptedChat
}
