import { editDistance } from '../core/nearest-name.ts'
import type { ListedModel } from './list-models.ts'

const suggestionsMax = 3

/** Enough for any name a person types; what follows cannot make it closer. */
const comparedLengthMax = 64

/**
 * Listed names close to one that nobody knows: those that differ in a few letters, and those that hold it or are held
 * by it, as `qwen3` and `qwen3-8b-instruct`. Closest first.
 */
export function nearestNames(
  name: string,
  {
    models,
    mayUse = () => true,
  }: { readonly models: readonly ListedModel[]; readonly mayUse?: (id: string) => boolean },
): readonly string[] {
  const wanted = name.slice(0, comparedLengthMax).toLowerCase()
  if (wanted === '') return []
  const scored = models
    .flatMap(({ id, aliases }) => [id, ...aliases])
    .filter(mayUse)
    .map((id) => ({ id, distance: distance(wanted, id.slice(0, comparedLengthMax).toLowerCase()) }))
    .filter(({ distance }) => distance < Infinity)
  return scored
    .sort((one, other) => one.distance - other.distance)
    .slice(0, suggestionsMax)
    .map(({ id }) => id)
}

function distance(wanted: string, id: string): number {
  const farthest = Math.max(2, Math.floor(wanted.length / 3))
  // A part of the other counts like one more letter than the farthest misspelling, so misspellings come first.
  if (wanted.length > 2 && (id.includes(wanted) || wanted.includes(id)))
    return Math.min(farthest + 1, editDistance(wanted, id))
  if (Math.abs(wanted.length - id.length) > farthest) return Infinity
  const count = editDistance(wanted, id)
  return count <= farthest ? count : Infinity
}
