import type { Message } from './message.ts'

/** What a client asks of a model in a chat: everything the dialects can say, in words of none of them. */
export interface ChatRequest {
  /** The name asked for; absent when the client named none. */
  readonly model: string | undefined
  readonly messages: readonly Message[]
  readonly tools: readonly Tool[]
  readonly toolChoice?: ToolChoice
  /** False: at most one call a turn. */
  readonly mayCallInParallel?: boolean
  readonly responseFormat?: ResponseFormat
  readonly sampling: Sampling
  /** Tokens of the reply at most. */
  readonly maxTokens?: number
  readonly reasoning?: ReasoningWish
  readonly isStream: boolean
  /** The last message is the beginning of the reply: the model goes on where it ends. */
  readonly isContinuation?: boolean
  /** No chat: text to go on with as it stands, past any template. `messages` is empty then. */
  readonly completion?: Completion
  /** Which conversation this is, for engines and routers that keep its prefix warm. */
  readonly cacheKey?: string
  readonly user?: string
  /** Fields of the client's that only the engine can understand, by the names that OpenAI-compatible engines give them. */
  readonly extras?: Readonly<Record<string, unknown>>
}

export interface Completion {
  readonly prompt: string
  /** What follows the gap that is to be filled. */
  readonly suffix?: string
}

/** A function the model may call. Tools that a provider runs itself have no place at a local model. */
export interface Tool {
  readonly name: string
  readonly description?: string
  /** JSON schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly isStrict?: boolean
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string }

export type ResponseFormat =
  | { readonly type: 'json' }
  | {
      readonly type: 'schema'
      readonly schema: Readonly<Record<string, unknown>>
      readonly name?: string
      readonly isStrict?: boolean
    }

/** How the next token is drawn; what is absent is the engine's choice. */
export interface Sampling {
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly minP?: number
  readonly seed?: number
  readonly stop?: readonly string[]
  readonly presencePenalty?: number
  readonly frequencyPenalty?: number
  readonly repeatPenalty?: number
}

export interface ReasoningWish {
  /** False: none, where the model can do without. */
  readonly isWanted?: boolean
  /** `minimal`, `low`, `medium`, `high`… as the client said it. */
  readonly effort?: string
  /** Tokens it may take at most. */
  readonly maxTokens?: number
}
