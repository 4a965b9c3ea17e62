import { fifo } from './fifo.ts'
import { ripe } from './ripe.ts'
import type { SwapPolicy } from './swap-policy.ts'

/** By the name that the configuration gives them. */
export const builtInPolicies = { ripe, fifo } as const satisfies Readonly<Record<string, SwapPolicy>>

export type BuiltInPolicies = typeof builtInPolicies
