/** What llmr itself asks a model (a probe, the intent classifier, a guard): plain text, no history worth the name. */
export interface Question {
  readonly model: string
  readonly messages: readonly QuestionMessage[]
  readonly maxTokens?: number
  readonly temperature?: number
  /** The reply must be JSON of this schema, where the engine can hold a model to one. */
  readonly jsonSchema?: Readonly<Record<string, unknown>>
  readonly tools?: readonly QuestionTool[]
}

export interface QuestionMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

export interface QuestionTool {
  readonly name: string
  readonly description: string
  readonly parameters: Readonly<Record<string, unknown>>
}
