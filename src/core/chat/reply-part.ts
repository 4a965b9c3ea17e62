import type { LlmrError } from '../error.ts'

/**
 * One step of a reply as it comes. A reply is: `start`, then text, reasoning and calls in any order, then `finish`, and
 * `usage` anywhere. Text and reasoning of one kind in a row belong together. Parts of several calls may be interleaved,
 * as engines do: `call` tells them apart. After `error` nothing follows.
 */
export type ReplyPart =
  | { readonly type: 'start'; readonly model?: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string; readonly signature?: string }
  | { readonly type: 'refusal'; readonly text: string }
  /** `call` counts from 0 in the order in which calls begin; `id` is never empty. */
  | { readonly type: 'call-start'; readonly call: number; readonly id: string; readonly name: string }
  | { readonly type: 'call-arguments'; readonly call: number; readonly text: string }
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly stopSequence?: string }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'timings'; readonly timings: Timings }
  | { readonly type: 'error'; readonly error: LlmrError }

/** `stop`: the model was done, or said a stop sequence. `calls`: it waits for what tools give back. */
export type FinishReason = 'stop' | 'length' | 'calls' | 'filtered'

/** In tokens, as the engine counts them. */
export interface Usage {
  readonly promptTokens?: number
  readonly completionTokens?: number
  /** Of the prompt, those that had not to be read again. */
  readonly cachedTokens?: number
  /** Of the completion, those that were thought and not said. */
  readonly reasoningTokens?: number
}

/** As the engine measured them. */
export interface Timings {
  readonly promptMs?: number
  readonly completionMs?: number
}
