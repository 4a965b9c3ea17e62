import type { LocatedNode } from './located-yaml.ts'

export interface Located {
  /** The node at the path; absent where the file says nothing. */
  readonly node?: LocatedNode
  /** Where the last key of the path stands, or the nearest one above it that does. */
  readonly keyOffset: number
}

/** Follows a path through the file as far as it goes. */
export function locate(root: LocatedNode | undefined, path: readonly PropertyKey[]): Located {
  let node = root
  let keyOffset = root?.offset ?? 0
  for (const step of path) {
    const next: Partial<Located> = node === undefined ? {} : childAt(node, step)
    node = next.node
    if (node === undefined) break
    keyOffset = next.keyOffset ?? keyOffset
  }
  return { node, keyOffset }
}

function childAt(node: LocatedNode, step: PropertyKey): Partial<Located> {
  if (node.kind === 'list') {
    const item = node.items[Number(step)]
    return { node: item, keyOffset: item?.offset }
  }
  if (node.kind === 'map') {
    const entry = node.entries.get(String(step))
    return { node: entry?.value, keyOffset: entry?.keyOffset }
  }
  return {}
}
