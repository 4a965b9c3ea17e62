import type { CallConstraint, CallTrigger } from '../../core/call-constraint.ts'
import { numberAt, textAt } from '../../core/foreign-json.ts'
import { withoutUndefined } from '../../core/without-undefined.ts'
import type { PromptedChat } from './prompted-chat.ts'

/**
 * llama-server's own completion endpoint. It takes the sampling fields of a chat by the same names; a grammar that waits
 * for a trigger it takes only here, the chat endpoint applies one from the first token on. A trigger that is one token
 * must be among the preserved tokens, or the request is refused.
 */
export const llamaCppPrompts: PromptedChat = {
  path: '/completion',
  render: async (api, body) => {
    const { stream: _, response_format: _format, ...chat } = body
    return textAt(await api.post('/apply-template', chat), 'prompt')
  },
  write: (body, { prompt, markers, constraint }) => {
    const passed = Object.entries(body).filter(([name]) => !chatFields.has(name))
    return withoutUndefined({
      ...Object.fromEntries(passed),
      prompt,
      n_predict: numberAt(body, 'max_completion_tokens') ?? numberAt(body, 'max_tokens') ?? numberAt(body, 'n_predict'),
      preserved_tokens: [...new Set([...markers, ...wordsOf(constraint)])],
      grammar: constraint?.grammar,
      ...(constraint !== undefined && constraint.triggers.length > 0 && lazily(constraint.triggers)),
      // The last event would repeat the whole prompt.
      response_fields: told,
    })
  },
}

function wordsOf(constraint: CallConstraint | undefined): readonly string[] {
  return (constraint?.triggers ?? []).flatMap(({ kind, text }) => (kind === 'word' ? [text] : []))
}

/** A pattern is matched against all that was written, anew with each token; a word that is one token costs nothing. */
const triggerTypes: Readonly<Record<CallTrigger['kind'], number>> = { word: 1, pattern: 3 }

function lazily(triggers: readonly CallTrigger[]): object {
  return {
    grammar_lazy: true,
    grammar_triggers: triggers.map(({ kind, text }) => ({ type: triggerTypes[kind], value: text })),
  }
}

const told = [
  'content',
  'stop',
  'stop_type',
  'stopping_word',
  'model',
  'truncated',
  'tokens_evaluated',
  'tokens_predicted',
  'timings',
]

/** What a chat has and a prompt has not, or what llmr says itself. */
const chatFields: ReadonlySet<string> = new Set([
  'messages',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'parse_tool_calls',
  'functions',
  'function_call',
  'response_format',
  'json_schema',
  'grammar',
  'grammar_lazy',
  'grammar_triggers',
  'preserved_tokens',
  'stream_options',
  'chat_template_kwargs',
  'add_generation_prompt',
  'continue_final_message',
  'reasoning_effort',
  'reasoning_format',
  'reasoning_budget',
  'max_tokens',
  'max_completion_tokens',
  'n_predict',
  'n',
  'logprobs',
  'top_logprobs',
  'user',
  'prompt_cache_key',
])
