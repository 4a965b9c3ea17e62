import type { ConfigProblem } from '../config-error.ts'
import { formatPath } from '../config-path.ts'
import type { Finding } from '../finding.ts'
import { locate } from '../locate.ts'
import type { LocatedMap, LocatedNode } from '../located-yaml.ts'
import type { ProfileDefinition, ProfileSource, SourceFinding } from './profile-source.ts'

/**
 * Where in which file a finding about a whole profile belongs: at the value, wherever it is inherited from; a finding
 * about what nobody has written is placed at the profile's name.
 *
 * @param finding its path begins at the profile.
 */
export function placeFinding(
  finding: Finding,
  { definition, body }: { readonly definition: ProfileDefinition; readonly body: LocatedMap },
): SourceFinding {
  const { path, at } = finding
  const { node, keyOffset } = locate(body, path)
  const holder = node ?? nearestNode(body, path)
  const fullPath = ['profiles', definition.name, ...path]
  if (path.length === 0 || holder === body) {
    return { ...finding, path: fullPath, file: definition.source.file, offset: definition.keyOffset }
  }
  const offset = at === 'key' || node === undefined ? keyOffset : node.offset
  return { ...finding, path: fullPath, file: holder.file ?? definition.source.file, offset }
}

function nearestNode(root: LocatedNode, path: readonly PropertyKey[]): LocatedNode {
  return path.length === 0 ? root : (locate(root, path).node ?? nearestNode(root, path.slice(0, -1)))
}

/** Offsets as lines and columns of their files. */
export function toProblems(
  findings: readonly SourceFinding[],
  sources: readonly ProfileSource[],
): readonly ConfigProblem[] {
  const positions = new Map(sources.map((source) => [source.file, source.position]))
  return findings.map(({ file, offset, path, code, message }) => {
    const position = positions.get(file)?.(offset) ?? { line: 1, column: 1 }
    return { file, ...position, path: formatPath(path), message, code }
  })
}
