import { dirname } from 'node:path'

import { fullPath } from '../full-path.ts'
import type { LocatedMap, LocatedNode } from '../located-yaml.ts'
import type { Environment } from '../substitute-environment.ts'

/** Paths start from the folder of the file in which they are written, not of the one that inherits them. */
export function withAbsolutePaths(body: LocatedMap, env: Environment): LocatedMap {
  return pathKeys.reduce((map, path) => withAbsolutePath(map, path, env), body)
}

const pathKeys = [['binary'], ['model'], ['mmproj'], ['draft', 'model'], ['cwd'], ['log', 'folder']]

function withAbsolutePath(map: LocatedMap, [key = '', ...rest]: readonly string[], env: Environment): LocatedMap {
  const entry = map.entries.get(key)
  if (entry === undefined) return map
  const value = entry.value.kind === 'map' ? withAbsolutePath(entry.value, rest, env) : absolute(entry.value, key, env)
  return { ...map, entries: new Map([...map.entries, [key, { ...entry, value }]]) }
}

function absolute(node: LocatedNode, key: string, env: Environment): LocatedNode {
  if (node.kind !== 'scalar' || typeof node.value !== 'string' || node.file === undefined) return node
  const isPath = node.value !== '' && (isPathAt[key]?.(node.value) ?? true)
  return isPath ? { ...node, value: fullPath(node.value, { folder: dirname(node.file), env }) } : node
}

/** Where something else than a path may stand as well. */
const isPathAt: Readonly<Record<string, (text: string) => boolean>> = {
  /** `org/name` is a reference to a hub, and a folder that is called so cannot be told from one without looking. */
  model: (text) => /\.gguf$/i.test(text) || /^[.~]{0,2}\//.test(text),
  /** Without a slash it is looked for in PATH. */
  binary: (text) => text.includes('/'),
}
