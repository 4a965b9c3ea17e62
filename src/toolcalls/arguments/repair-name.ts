import { nearestName } from '../../core/nearest-name.ts'

/**
 * The tool that a model meant: prefixes of other conventions, case and dashes do not count, and neither does a slip of the
 * pen. `undefined` when no tool, or more than one, could be meant: a wrong tool called is worse than an error.
 */
export function repairName(name: string, offered: readonly string[]): string | undefined {
  if (offered.includes(name)) return name
  const bare = withoutRest(name.trim().replace(prefixes, ''))
  if (offered.includes(bare)) return bare
  const equal = offered.filter((candidate) => folded(candidate) === folded(bare))
  if (equal.length > 0) return equal.length === 1 ? equal[0] : undefined
  const nearest = nearestName(bare, offered)
  if (nearest === undefined) return undefined
  // Another one as near would make it a guess.
  const others = offered.filter((candidate) => candidate !== nearest)
  return nearestName(bare, others) === undefined ? nearest : undefined
}

/** `read(path)` and `read: a file` are `read`. */
function withoutRest(name: string): string {
  const ends = [name.endsWith(')') ? name.indexOf('(') : -1, name.search(/[:\s]/)].filter((end) => end >= 0)
  return name.slice(0, Math.min(name.length, ...ends))
}

const prefixes = /^(?:functions?|tools?|default_api|multi_tool_use)[.:/]/i

function folded(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
}
