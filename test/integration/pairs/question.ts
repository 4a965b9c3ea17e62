/** What a client wants of a model, in words of no dialect. */
export interface Question {
  readonly system?: string
  readonly turns: readonly Turn[]
  readonly toolNames?: readonly string[]
  /** An effort for its thoughts, which are to be shown. */
  readonly effort?: string
  readonly schema?: object
  readonly maxTokens?: number
  readonly stop?: string
}

export type Turn =
  | { readonly by: 'user'; readonly text: string; readonly imageUrl?: string }
  | { readonly by: 'model'; readonly text?: string; readonly thought?: string; readonly calls?: readonly PastCall[] }
  | { readonly by: 'tool'; readonly id: string; readonly name: string; readonly text: string }

export interface PastCall {
  readonly id: string
  readonly name: string
  readonly args: object
}

/** What a client makes of a reply. */
export interface Heard {
  readonly text: string
  readonly thought: string
  readonly calls: readonly { readonly name: string; readonly args: unknown }[]
  /** Undefined: it did not come to its end. */
  readonly ending: 'stop' | 'length' | 'calls' | undefined
  /** What was said of a failure. */
  readonly error?: string
  /** In tokens. */
  readonly usage?: { readonly prompt: number; readonly completion: number }
}

/** A dialect as a client speaks it, written apart from what it is to test. */
export interface PairClient {
  readonly name: string
  readonly path: string
  readonly streamType: string
  /** The cases that it has no words for, and why. */
  readonly lacks: Readonly<Record<string, string>>
  readonly write: (question: Question, isStream: boolean) => object
  readonly readWhole: (json: unknown) => Heard
  readonly readStream: (text: string) => Heard
  /** The words of a failure that came instead of a reply. */
  readonly readError: (json: unknown) => string
}

export const toolParameters = { type: 'object', properties: { city: { type: 'string' } } }
