import type { ToolIdForm } from '../../core/tool-id-form.ts'

/** By the model's name, where nobody shows its chat template: `mistralai/Devstral-Small-2507`, `kimi-k2-instruct`. */
export function toolIdFormOfName(model: string): ToolIdForm {
  if (mistralName.test(model)) return 'nine-characters'
  return kimiName.test(model) ? 'function-index' : 'any'
}

/** By the chat template itself. Mistral's raise an exception that names the length; Kimi's write ids into the prompt. */
export function toolIdFormOfTemplate(template: string): ToolIdForm {
  if (/alphanumeric strings with length 9|\|\s*length\s*!=\s*9/.test(template)) return 'nine-characters'
  return template.includes('<|tool_call_begin|>') && /\['id'\]|\.id\b/.test(template) ? 'function-index' : 'any'
}

const mistralName =
  /(?:^|[^a-z])(?:mistral|ministral|mixtral|devstral|magistral|codestral|pixtral|voxtral)(?:[^a-z]|$)/i
const kimiName = /(?:^|[^a-z])kimi-?(?:k2|linear|dev)/i
