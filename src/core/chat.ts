/**
 * A chat as llmr itself starts one (a probe, the intent classifier, a guard model), in neutral words. What clients send
 * travels as bytes unless a feature has to read it.
 */
export interface ChatRequest {
  readonly model: string
  readonly messages: readonly ChatMessage[]
  readonly maxTokens?: number
  readonly temperature?: number
  /** The reply must be JSON of this schema, where the engine can hold a model to one. */
  readonly jsonSchema?: Readonly<Record<string, unknown>>
  readonly tools?: readonly ToolDefinition[]
}

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

export interface ToolDefinition {
  readonly name: string
  readonly description: string
  readonly parameters: Readonly<Record<string, unknown>>
}
