import { at, textAt } from '../../core/foreign-json.ts'
import { inputItemId, type ItemPrefix } from './item-ids.ts'

/** A request's items as they are listed later: each with a type, an id, and its content as a list. */
export function namedInputItems(items: readonly unknown[], requestId: string): object[] {
  return items.map((item, number) => {
    const fields = typeof item === 'object' && item !== null ? item : {}
    const type = textAt(item, 'type') ?? 'message'
    return {
      id: inputItemId(prefixes[type] ?? 'item', requestId, number),
      ...fields,
      type,
      ...(type === 'message' && { status: textAt(item, 'status') ?? 'completed', content: contentOf(item) }),
    }
  })
}

const prefixes: Readonly<Record<string, ItemPrefix>> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  custom_tool_call: 'ctc',
  function_call_output: 'fco',
  custom_tool_call_output: 'ctco',
}

function contentOf(item: unknown): unknown {
  const content = at(item, 'content')
  if (typeof content !== 'string') return content ?? []
  const isSaid = textAt(item, 'role') === 'assistant'
  return [isSaid ? { type: 'output_text', text: content, annotations: [] } : { type: 'input_text', text: content }]
}
