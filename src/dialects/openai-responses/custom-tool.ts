import type { Tool } from '../../core/chat/chat-request.ts'
import { textAt } from '../../core/foreign-json.ts'

/** A tool that takes plain text, as a function whose only argument is that text. */
export function customTool(tool: unknown, name: string): Tool {
  const grammar = textAt(tool, 'format', 'definition') ?? textAt(tool, 'format', 'grammar', 'definition')
  const syntax = textAt(tool, 'format', 'syntax') ?? textAt(tool, 'format', 'grammar', 'syntax') ?? 'this'
  const description = [
    textAt(tool, 'description'),
    'Call it with one argument, `input`: the whole text as a JSON string.',
    grammar && `The text must match ${syntax} grammar:\n${grammar}`,
  ]
  return {
    name,
    description: description.filter(Boolean).join('\n\n'),
    parameters: {
      type: 'object',
      properties: { input: { type: 'string' } },
      required: ['input'],
      additionalProperties: false,
    },
  }
}

/** The text of an earlier call as the arguments of that function. */
export function customArguments(input: string): string {
  return JSON.stringify({ input })
}
