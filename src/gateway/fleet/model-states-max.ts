/** Models of one backend that have state; clients cannot add to them, but an operator's globs might. */
export const modelStatesMax = 1_000
