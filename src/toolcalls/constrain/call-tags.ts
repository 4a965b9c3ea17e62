import type { Strictness } from '../../core/call-constraint.ts'
import type { CallRow } from '../formats/reply-format.ts'
import type { OfferedTool } from '../parse/tool-table.ts'

export interface CallTags {
  readonly type: 'structural_tag'
  readonly structures: readonly { readonly begin: string; readonly schema: object; readonly end: string }[]
  readonly triggers: readonly string[]
}

/**
 * What holds calls to the tools there are in engines that hold what stands between two markers to a schema, and leave all
 * else free. `undefined` for calls that do not stand between two markers.
 */
export function callTags(row: CallRow, tools: readonly OfferedTool[], strictness: Strictness): CallTags | undefined {
  const [begin] = row.open
  const [end] = row.grammar === 'wrapped-json' ? row.close : []
  if (begin === undefined || end === undefined || tools.length === 0) return undefined
  const schema = strictness === 'full' ? { anyOf: tools.map(callSchema) } : looseSchema(tools)
  return { type: 'structural_tag', structures: [{ begin, schema, end }], triggers: [begin] }
}

function looseSchema(tools: readonly OfferedTool[]): object {
  return objectOf({ enum: tools.map(({ name }) => name) }, { type: 'object' })
}

function callSchema({ name, parameters }: OfferedTool): object {
  return objectOf({ const: name }, parameters)
}

function objectOf(name: object, args: object): object {
  return { type: 'object', properties: { name, arguments: args }, required: ['name', 'arguments'] }
}
