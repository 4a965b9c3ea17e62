import type { OfferedTool } from '../parse/tool-table.ts'
import { repairName } from './repair-name.ts'
import { validateArguments, type CheckedArguments } from './validate-arguments.ts'

export interface CheckedCall extends CheckedArguments {
  readonly name: string
}

/** A call as the client should get it, with what is wrong still: a message from which a model can make a better one. */
export function checkCall(
  call: { readonly name: string; readonly argumentsText: string },
  tools: readonly OfferedTool[],
): CheckedCall {
  const names = tools.map(({ name }) => name)
  const name = repairName(call.name, names)
  const tool = tools.find((candidate) => candidate.name === name)
  if (name === undefined || tool === undefined) {
    const problem = `There is no tool \`${call.name}\`; there are ${names.join(', ') || 'none'}.`
    return { ...call, repairs: [], problems: [problem] }
  }
  const checked = validateArguments(call.argumentsText, tool.parameters)
  return { ...checked, name, repairs: name === call.name ? checked.repairs : ['name', ...checked.repairs] }
}
