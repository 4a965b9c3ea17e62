/**
 * Whether a value holds objects or arrays within each other on more than so many levels. `JSON.parse` takes any depth,
 * but whatever walks or writes the value afterwards takes the stack for each level, and ends with it. This walk itself
 * goes no deeper than it is asked to.
 */
export function isNestedDeeper(value: unknown, levelsMax: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levelsMax === 0) return true
  if (Array.isArray(value)) return value.some((item) => isNestedDeeper(item, levelsMax - 1))
  for (const key in value) if (isNestedDeeper(Reflect.get(value, key), levelsMax - 1)) return true
  return false
}
