import type { ToolCallPart, ToolMessage } from '../../core/chat/message.ts'
import type { Tool } from '../../core/chat/chat-request.ts'
import { textOf } from '../../core/chat/message.ts'
import type { CallRow, ReplyFormat } from '../formats/reply-format.ts'
import { replyFormat } from '../formats/reply-formats.ts'
import { wrapped } from '../formats/row-makers.ts'
import { parseJson } from '../values/coerce-text.ts'

/** How tools are told to a model whose template does not know them: in plain text, the way its family was trained. */
export interface CallStyle {
  /** Names of models it suits. */
  readonly models: RegExp
  readonly format: ReplyFormat
  /** The one row by which it is asked to write calls. */
  readonly written: CallRow
  readonly explain: (tools: readonly Tool[]) => string
  readonly writeCall: (call: ToolCallPart) => string
  readonly writeResult: (result: ToolMessage, name: string) => string
}

/** Of a model that nothing is known of: Hermes' tags, which more models have seen than any others. */
export function callStyleOf(model: string): CallStyle {
  return styles.find(({ models }) => models.test(model)) ?? hermes
}

/** What weak models write instead of what they are asked for is read as well, and calls behind a sentence too. */
const anyCall: ReplyFormat = {
  ...replyFormat('generic'),
  id: 'any-form',
  calls: replyFormat('generic').calls.map((row) => (row.grammar === 'bare-json' ? { ...row, at: 'anywhere' } : row)),
}

const hermes: CallStyle = {
  models: /./,
  format: anyCall,
  written: wrapped(['<tool_call>'], ['</tool_call>']),
  explain: (tools) =>
    [
      'You can call tools. These are the tools, as JSON:',
      `<tools>\n${tools.map(definition).join('\n')}\n</tools>`,
      'To call one, write this and nothing after it:',
      '<tool_call>\n{"name": "tool_name", "arguments": {"parameter": "value"}}\n</tool_call>',
      'One pair of tags for each call. What a tool gives back comes to you in <tool_response> tags. Without need for a tool, answer in plain text.',
    ].join('\n'),
  writeCall: ({ name, argumentsText }) =>
    `<tool_call>\n{"name": ${JSON.stringify(name)}, "arguments": ${jsonOf(argumentsText)}}\n</tool_call>`,
  writeResult: (result, name) =>
    `<tool_response>\n${name === '' ? '' : `${name}: `}${resultText(result)}\n</tool_response>`,
}

const llama3: CallStyle = {
  models: /llama-?3|firefunction/i,
  format: anyCall,
  written: { grammar: 'bare-json', open: ['{'], at: 'start' },
  explain: (tools) =>
    [
      'You have access to these functions, as JSON:',
      tools.map(definition).join('\n'),
      'To call one, answer with JSON alone, in this form: {"name": "function_name", "parameters": {"parameter": "value"}}',
      'What a function gives back comes to you behind "Result of". Without need for a function, answer in plain text.',
    ].join('\n'),
  writeCall: ({ name, argumentsText }) => `{"name": ${JSON.stringify(name)}, "parameters": ${jsonOf(argumentsText)}}`,
  writeResult: (result, name) => `Result of ${name || 'the call'}:\n${resultText(result)}`,
}

const styles = [llama3]

function definition({ name, description, parameters }: Tool): string {
  return JSON.stringify({ name, description, parameters })
}

/** The model must not see broken JSON as an example. */
function jsonOf(argumentsText: string): string {
  return parseJson(argumentsText) === undefined ? JSON.stringify({ input: argumentsText }) : argumentsText
}

function resultText({ parts, isError }: ToolMessage): string {
  return (isError === true ? 'Error: ' : '') + textOf(parts)
}
