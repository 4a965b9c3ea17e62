import { plainChat } from '../../../backends/chat/chat-abilities.ts'
import { writeMessages } from '../../../backends/chat/write-messages.ts'
import type { Message } from '../../../core/chat/message.ts'
import { listAt, textAt } from '../../../core/foreign-json.ts'
import type { GuardedRequest } from '../../../toolcalls/loop/apply-verdict.ts'

/**
 * The body of an OpenAI chat with other messages and tools in it. Messages and tools that stay are the client's own
 * values: fields that only the engine understands must not be lost with them.
 */
export function editChatBody(
  json: Readonly<Record<string, unknown>>,
  { before, after }: { readonly before: GuardedRequest; readonly after: GuardedRequest },
): Record<string, unknown> {
  const written = listAt(json, 'messages')
  const places = new Map(before.messages.map((message, place) => [message, place]))
  const messages = after.messages.flatMap((message) => {
    const place = places.get(message)
    return place === undefined ? writeChanged(message) : [written[place]]
  })
  const edited = { ...json, messages }
  if (after.tools === before.tools) return edited
  return after.tools.length === 0 ? withoutTools(edited) : withTools(edited, after)
}

/** A client that sent its model's thoughts back gets no fewer of them through. */
function writeChanged(message: Message): readonly object[] {
  return writeMessages([message], { ...plainChat, takesReasoning: true })
}

/** Whatever makes an engine force a call goes with them; a schema for the answer stays. */
const toolFields = [
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'functions',
  'function_call',
  'grammar',
  'grammar_lazy',
  'grammar_triggers',
]

function withoutTools(json: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(json).filter(([name]) => !toolFields.includes(name)))
}

function withTools(
  json: Readonly<Record<string, unknown>>,
  { tools, toolChoice }: GuardedRequest,
): Record<string, unknown> {
  const names = new Set(tools.map(({ name }) => name))
  const isKept = (name: string | undefined): boolean => name === undefined || names.has(name)
  const { function_call: _call, ...rest } = json
  return {
    ...rest,
    tools: listAt(json, 'tools').filter((tool) => isKept(textAt(tool, 'function', 'name'))),
    ...('functions' in json && { functions: listAt(json, 'functions').filter((tool) => isKept(textAt(tool, 'name'))) }),
    ...(toolChoice !== undefined && 'tool_choice' in json && { tool_choice: toolChoice }),
  }
}
