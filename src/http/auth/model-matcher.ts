import { globMatcher } from '../../core/glob.ts'

/** Which models a principal may use: everything without patterns, nothing with an empty list. */
export function modelMatcher(patterns: readonly string[] | undefined): ((model: string) => boolean) | undefined {
  if (patterns === undefined) return undefined
  const matches = globMatcher(patterns)
  return (model) => model.length <= nameLengthMax && matches(model)
}

/** A pattern with several stars takes time that grows with a power of the name's length, and clients choose the name. */
const nameLengthMax = 256
