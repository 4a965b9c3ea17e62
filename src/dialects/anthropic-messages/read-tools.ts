import type { Tool, ToolChoice } from '../../core/chat/chat-request.ts'
import { flagAt, listAt, objectAt, textAt } from '../../core/foreign-json.ts'
import type { Omissions } from '../omissions.ts'
import { definedTool } from './defined-tools.ts'

/** Tools that say by a schema what they take, or that clients carry out. Those that a provider carries out have no place here. */
export function readTools(list: unknown, omissions: Omissions): Tool[] {
  return listAt(list).flatMap((tool): Tool[] => {
    const name = textAt(tool, 'name')
    const defined = definedTool(textAt(tool, 'type') ?? '')
    const parameters = objectAt(tool, 'input_schema') ?? defined?.parameters
    if (name === undefined || parameters === undefined) {
      omissions.add(`tool ${textAt(tool, 'type') ?? 'without a schema'}`)
      return []
    }
    const description = textAt(tool, 'description') ?? defined?.description
    const isStrict = flagAt(tool, 'strict')
    return [
      {
        name,
        parameters,
        ...(description !== undefined && { description }),
        ...(isStrict !== undefined && { isStrict }),
      },
    ]
  })
}

interface Choice {
  readonly toolChoice?: ToolChoice
  readonly mayCallInParallel?: boolean
}

export function readToolChoice(
  choice: unknown,
  { tools, omissions }: { readonly tools: readonly Tool[]; readonly omissions: Omissions },
): Choice {
  const type = textAt(choice, 'type')
  if (type === undefined) return {}
  const parallel = flagAt(choice, 'disable_parallel_tool_use') === true ? { mayCallInParallel: false } : {}
  const name = textAt(choice, 'name')
  if (type === 'tool' && tools.some((tool) => tool.name === name))
    return { toolChoice: { name: name ?? '' }, ...parallel }
  const word = choiceWords[type]
  if (word === undefined) omissions.add(`tool_choice ${type}`)
  return { ...(word !== undefined && { toolChoice: word }), ...parallel }
}

const choiceWords: Readonly<Record<string, ToolChoice>> = { auto: 'auto', any: 'required', none: 'none' }
