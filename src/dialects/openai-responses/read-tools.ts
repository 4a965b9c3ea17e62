import type { Tool, ToolChoice } from '../../core/chat/chat-request.ts'
import { at, flagAt, listAt, objectAt, textAt } from '../../core/foreign-json.ts'
import type { Omissions } from '../omissions.ts'
import { customTool } from './custom-tool.ts'
import { flatName, ToolNames } from './tool-names.ts'

export interface ReadTools {
  readonly tools: readonly Tool[]
  readonly names: ToolNames
}

/** Tools as functions. Those that a provider runs itself have no meaning here. */
export function readTools(list: unknown, omissions: Omissions): ReadTools {
  const names = new ToolNames()
  const read = (tool: unknown, namespace?: string): Tool[] => {
    const type = textAt(tool, 'type')
    const name = textAt(tool, 'name')
    if (type === 'namespace') return listAt(tool, 'tools').flatMap((inner) => read(inner, name))
    const kind = type === 'function' || type === 'custom' ? type : undefined
    if (kind === undefined || name === undefined) {
      omissions.add(`tool ${type ?? 'without a type'}`)
      return []
    }
    const flat = names.add({ kind, name, ...(namespace !== undefined && { namespace }) })
    if (flat !== undefined) return [kind === 'custom' ? customTool(tool, flat) : functionTool(tool, flat)]
    omissions.add(`a second tool ${name}`)
    return []
  }
  return { tools: listAt(list).flatMap((tool) => read(tool)), names }
}

function functionTool(tool: unknown, name: string): Tool {
  const description = textAt(tool, 'description')
  const isStrict = flagAt(tool, 'strict')
  return {
    name,
    ...(description !== undefined && { description }),
    parameters: objectAt(tool, 'parameters') ?? { type: 'object', properties: {} },
    ...(isStrict !== undefined && { isStrict }),
  }
}

interface Choice {
  readonly tools: readonly Tool[]
  readonly toolChoice?: ToolChoice
}

/** Which tools may be called: a list of allowed ones leaves the others out. */
export function readToolChoice(choice: unknown, tools: readonly Tool[], omissions: Omissions): Choice {
  if (choice === undefined || choice === null) return { tools }
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { tools, toolChoice: choice }
  if (textAt(choice, 'type') === 'allowed_tools') {
    const allowed = new Set(listAt(choice, 'tools').map(nameIn))
    const left = tools.filter(({ name }) => allowed.has(name))
    return { tools: left, toolChoice: textAt(choice, 'mode') === 'required' ? 'required' : 'auto' }
  }
  const name = nameIn(choice)
  if (tools.some((tool) => tool.name === name)) return { tools, toolChoice: { name } }
  omissions.add(`tool_choice ${textAt(choice, 'type') ?? 'unknown'}`)
  return { tools }
}

function nameIn(choice: unknown): string {
  return flatName({
    name: textAt(choice, 'name') ?? String(at(choice, 'type')),
    namespace: textAt(choice, 'namespace'),
  })
}
