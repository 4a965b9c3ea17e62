import { dirname, isAbsolute, resolve } from 'node:path'

import type { LocatedMap, LocatedNode } from '../located-yaml.ts'

/** Paths start from the folder of the file in which they are written, not of the one that inherits them. */
export function withAbsolutePaths(body: LocatedMap): LocatedMap {
  return pathKeys.reduce((map, path) => withAbsolutePath(map, path), body)
}

const pathKeys = [['model'], ['mmproj'], ['draft', 'model'], ['cwd'], ['log', 'folder']]

function withAbsolutePath(map: LocatedMap, [key = '', ...rest]: readonly string[]): LocatedMap {
  const entry = map.entries.get(key)
  if (entry === undefined) return map
  const value = entry.value.kind === 'map' ? withAbsolutePath(entry.value, rest) : absolute(entry.value, key)
  return { ...map, entries: new Map([...map.entries, [key, { ...entry, value }]]) }
}

function absolute(node: LocatedNode, key: string): LocatedNode {
  if (node.kind !== 'scalar' || typeof node.value !== 'string' || node.file === undefined) return node
  const isPath = node.value !== '' && (key !== 'model' || isModelPath(node.value))
  return isPath && !isAbsolute(node.value) ? { ...node, value: resolve(dirname(node.file), node.value) } : node
}

/** `org/name` is a reference to a hub, and a folder that is called so cannot be told from one without looking. */
function isModelPath(model: string): boolean {
  return /\.gguf$/i.test(model) || /^\.{0,2}\//.test(model)
}
