import { EngineError } from './engine-error.ts'
import { isJsonObject, isString, listField, objectField, stringField } from './json-fields.ts'
import type { JsonObject } from './json-fields.ts'

/** The template that `/props` reports, in Jinja. `renderChat` gives the same text; a test holds them together. */
export const chatTemplate = `{%- if tools %}{{ '<|im_start|>system\\nYou may call these tools:\\n' }}
{%- for tool in tools %}{{ tool | tojson }}{{ '\\n' }}{%- endfor %}
{{- 'To call one, write <tool_call>{"name": NAME, "arguments": OBJECT}</tool_call><|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.content %}{{ message.content }}{%- endif %}
{%- for call in message.tool_calls or [] %}
{{- '<tool_call>{"name": "' + call.function.name + '", "arguments": ' }}{{ call.function.arguments | tojson }}{{ '}</tool_call>' }}
{%- endfor %}
{{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}`

/** Of a model that was never shown tools: it leaves them out without a word, and earlier calls too. */
export const plainTemplate = `{%- for message in messages %}
{%- if message.role == 'tool' %}{{ raise_exception('Only user and assistant roles are supported!') }}{%- endif %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.content %}{{ message.content }}{%- endif %}
{{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}`

/** @throws EngineError in the engine's words, where a tool has given something back. */
export function renderPlainChat(messages: readonly JsonObject[]): string {
  if (messages.some(({ role }) => role === 'tool')) {
    throw new EngineError({
      status: 500,
      type: 'server_error',
      message: 'Jinja Exception: Only user and assistant roles are supported!',
    })
  }
  return renderChat(
    messages.map(({ tool_calls: _calls, ...message }) => message),
    [],
  )
}

/** With which every prompt of a chat ends. */
export const generationPrompt = '<|im_start|>assistant\n'

/** The prompt that a chat becomes, ready for the assistant's turn. */
export function renderChat(messages: readonly JsonObject[], tools: readonly JsonObject[]): string {
  return `${renderTools(tools)}${messages.map(renderMessage).join('')}${generationPrompt}`
}

function renderTools(tools: readonly JsonObject[]): string {
  if (tools.length === 0) return ''
  const list = tools.map((tool) => `${templateJson(tool)}\n`).join('')
  return (
    `<|im_start|>system\nYou may call these tools:\n${list}` +
    'To call one, write <tool_call>{"name": NAME, "arguments": OBJECT}</tool_call><|im_end|>\n'
  )
}

function renderMessage(message: JsonObject): string {
  const calls = (listField(message, 'tool_calls') ?? []).filter(isJsonObject).map(renderCall).join('')
  return `<|im_start|>${stringField(message, 'role') ?? ''}\n${messageText(message)}${calls}<|im_end|>\n`
}

function renderCall(call: JsonObject): string {
  const { name = '', arguments: text = '{}' } = objectField(call, 'function') ?? {}
  return `<tool_call>{"name": "${String(name)}", "arguments": ${templateJson(parsedOr(text))}}</tool_call>`
}

/** The text of a message, whichever of the two ways it is written in. */
export function messageText(message: JsonObject): string {
  const { content } = message
  if (isString(content)) return content
  const parts = listField(message, 'content') ?? []
  return parts
    .filter(isJsonObject)
    .map((part) => stringField(part, 'text') ?? '')
    .join('\n')
}

/** JSON with a space after each comma and colon, as templates write it. */
function templateJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(templateJson).join(', ')}]`
  if (!isJsonObject(value)) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}: ${templateJson(field)}`)
  return `{${fields.join(', ')}}`
}

function parsedOr(text: unknown): unknown {
  if (!isString(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text // arguments that are no JSON are shown as the text they are
  }
}
