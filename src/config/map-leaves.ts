import { shapeAt } from './describe-schema.ts'
import type { Shape } from './describe-schema.ts'

/** A copy in which every single value went through `change`, which is told what the schema says of its place. */
export function mapLeaves(
  value: unknown,
  shape: Shape | undefined,
  change: (leaf: unknown, shape: Shape | undefined) => unknown,
): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => mapLeaves(item, shape && shapeAt(shape, [index]), change))
  }
  if (typeof value !== 'object' || value === null) return change(value, shape)
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapLeaves(item, shape && shapeAt(shape, [key]), change)]),
  )
}
