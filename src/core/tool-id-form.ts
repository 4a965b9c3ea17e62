/**
 * How the chat template of a model family wants the ids of tool calls to look. `nine-characters`: letters and digits,
 * nine of them, or the template refuses the request (Mistral). `function-index`: `functions.NAME:INDEX`, counted through
 * the whole conversation; with other ids the model stops calling tools (Kimi K2). `any`: it does not look at them.
 */
export type ToolIdForm = 'nine-characters' | 'function-index' | 'any'
