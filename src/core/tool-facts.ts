/** What can be seen of how tools reach one model at one server, without a token being computed. */
export interface ToolFacts {
  /** Jinja, as the server uses it; absent where it does not show it. */
  readonly chatTemplate?: string
  /** Whether a tool that the engine is given comes to stand in the prompt; absent: it cannot be seen. */
  readonly rendersTools?: boolean
  /** It shows the prompt that it makes of a chat, and takes one as text, with a grammar. */
  readonly takesPrompts: boolean
  /** With which the prompt ends, for the model to go on from. */
  readonly generationPrompt?: string
  /** The same exchange twice, the model saying `probeText` in one and making `probeCall` in the other. */
  readonly renderings?: { readonly text: string; readonly call: string }
}

/** A call that is put into a template to see how it writes one: words that nothing else contains. */
export const probeCall = { name: 'llmr_probe', key: 'llmr_key', value: 'llmr_value' } as const

/** What the model says in the rendering that the one with the call is compared to. */
export const probeText = 'llmr_said'
