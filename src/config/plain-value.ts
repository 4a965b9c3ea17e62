import type { Shape } from './describe-schema.ts'
import { shapeAt } from './describe-schema.ts'
import type { LocatedNode } from './located-yaml.ts'

/**
 * The file's content as the schema reads it. A section whose lines are all commented out (`listen:` and nothing below)
 * is an empty section and not an error.
 */
export function plainValue(node: LocatedNode | undefined, shape: Shape | undefined): unknown {
  const isSection = shape?.kind === 'object' || shape?.kind === 'record'
  if (node === undefined) return {}
  switch (node.kind) {
    case 'scalar':
      return node.value === null && isSection ? {} : node.value
    case 'list':
      return node.items.map((item, index) => plainValue(item, shape && shapeAt(shape, [index])))
    case 'map':
      return Object.fromEntries(
        Array.from(node.entries, ([key, { value }]) => [key, plainValue(value, shape && shapeAt(shape, [key]))]),
      )
  }
}
