import * as fc from 'fast-check'

import type { PathRound } from '../../../src/core/conversation-path.ts'

/** A path of rounds with these sizes; each reply is named by its place and its branch. */
export function pathOf(tokens: readonly number[], { branch = 'a', depth = 0 } = {}): readonly PathRound[] {
  return tokens.map((count, index) => {
    const reply = `${branch}${depth + index}`
    return { reply, depth: depth + index, tokens: count, digest: `said in ${reply}` }
  })
}

export const sizes = { spanTokens: 100, fanIn: 3 }
export const anyTokens = fc.array(fc.integer({ min: 1, max: 150 }), { maxLength: 80 })
