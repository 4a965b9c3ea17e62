/** What an engine takes in a chat beyond what OpenAI defined, and by which names. What is absent it does not take. */
export interface ChatAbilities {
  readonly topK?: string
  readonly minP?: string
  readonly repeatPenalty?: string
  /** The name of the field that limits the reply. */
  readonly maxTokens: 'max_tokens' | 'max_completion_tokens'
  /** What makes it go on with the last message instead of answering it; `{}` where it does so by itself. */
  readonly continuation?: Readonly<Record<string, unknown>>
  /** Earlier reasoning may stand beside the text of an assistant message. */
  readonly takesReasoning: boolean
  /** Switches reasoning off in the chat template; the fields to send. */
  readonly withoutReasoning?: Readonly<Record<string, unknown>>
  /** It puts every message through the model's own chat template, and most of those take one system message, at the front. */
  readonly hasTemplate: boolean
  /** It makes a grammar of the schemas of tools, and refuses what it cannot read there. */
  readonly hasGrammar?: boolean
  /** The field that holds what stands between two markers to a schema, given a structural tag as JSON. */
  readonly structuralTag?: (tag: string) => Readonly<Record<string, unknown>>
  /** Whatever else clients send is passed on: it ignores what it does not know. */
  readonly takesExtras: boolean
}

/** Of servers that are not known better: unknown fields may be refused. */
export const plainChat: ChatAbilities = {
  maxTokens: 'max_tokens',
  takesReasoning: false,
  hasTemplate: false,
  takesExtras: false,
}

export const openAiChat: ChatAbilities = { ...plainChat, maxTokens: 'max_completion_tokens' }

const noThinking = { chat_template_kwargs: { enable_thinking: false } }

export const llamaCppChat: ChatAbilities = {
  topK: 'top_k',
  minP: 'min_p',
  repeatPenalty: 'repeat_penalty',
  maxTokens: 'max_tokens',
  continuation: {},
  takesReasoning: true,
  withoutReasoning: noThinking,
  hasTemplate: true,
  hasGrammar: true,
  takesExtras: true,
}

/** Another gateway fits a request for its own engines. */
export const gatewayChat: ChatAbilities = { ...llamaCppChat, hasGrammar: false }

export const vllmChat: ChatAbilities = {
  ...llamaCppChat,
  hasGrammar: false,
  repeatPenalty: 'repetition_penalty',
  structuralTag: (tag) => ({ structured_outputs: { structural_tag: tag } }),
  continuation: { add_generation_prompt: false, continue_final_message: true },
}

/** LM Studio and Ollama behind their OpenAI endpoints. */
export const desktopChat: ChatAbilities = {
  topK: 'top_k',
  minP: 'min_p',
  repeatPenalty: 'repeat_penalty',
  maxTokens: 'max_tokens',
  takesReasoning: true,
  hasTemplate: true,
  hasGrammar: true,
  takesExtras: true,
}
