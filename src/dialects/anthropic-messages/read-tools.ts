import type { Tool, ToolChoice } from '../../core/chat/chat-request.ts'
import { flagAt, listAt, objectAt, textAt } from '../../core/foreign-json.ts'
import type { Omissions } from '../omissions.ts'

/** Tools that say by a schema what they take. Those known by a type alone are a provider's, or known to its models only. */
export function readTools(list: unknown, omissions: Omissions): Tool[] {
  return listAt(list).flatMap((tool): Tool[] => {
    const name = textAt(tool, 'name')
    const parameters = objectAt(tool, 'input_schema')
    if (name === undefined || parameters === undefined) {
      omissions.add(`tool ${textAt(tool, 'type') ?? 'without a schema'}`)
      return []
    }
    const description = textAt(tool, 'description')
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
