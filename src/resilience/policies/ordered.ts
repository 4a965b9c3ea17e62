import type { Policy } from './policy.ts'

/** The operator's order: everything goes to the first that can take it. */
export const ordered: Policy = (candidates) => candidates
