import { deepFreeze } from '../../core/deep-freeze.ts'
import { builtInPolicies, type BuiltInPolicies } from './built-in.ts'
import type { SwapDecision, SwapPolicy, SwapView } from './swap-policy.ts'

/** What an operator's own module exports. It may ask the policies that llmr brings. */
export type ForeignChoice = (view: SwapView, builtIn: BuiltInPolicies) => unknown

/**
 * A policy that nobody here has written. It gets a view that it cannot change, and what it answers is read as anything
 * from outside: what is no decision is an error, for which the scheduler has an answer.
 */
export function foreignPolicy(name: string, choose: ForeignChoice): SwapPolicy {
  return { name, nextSwap: (view) => readDecision(choose(frozen(view), builtInPolicies)) }
}

/** Sizes and settings of models in it are the scheduler's own. */
function frozen(view: SwapView): SwapView {
  deepFreeze(view.waiting)
  deepFreeze(view.residents)
  return Object.freeze(view)
}

function readDecision(answer: unknown): SwapDecision {
  if (answer instanceof Promise) {
    answer.catch(() => undefined) // its answer would come too late, and its failure has no other listener
    throw new Error('expected a decision, got a promise; nextSwap must not be async')
  }
  if (typeof answer !== 'object' || answer === null) throw new Error(`expected a decision, got ${typeof answer}`)
  const { kind, target, evict, isForced, because, askAgainAtMs }: Readonly<Record<string, unknown>> = { ...answer }
  if (kind === 'wait') {
    if (askAgainAtMs === undefined) return { kind }
    if (typeof askAgainAtMs === 'number' && !Number.isNaN(askAgainAtMs)) return { kind, askAgainAtMs }
    throw new Error('expected askAgainAtMs to be a number, or not there')
  }
  if (kind !== 'swap') throw new Error("expected kind to be 'swap' or 'wait'")
  if (typeof target !== 'string') throw new Error('expected target to be the name of a model')
  if (!isNames(evict)) throw new Error('expected evict to be a list of names of models')
  return {
    kind,
    target,
    evict,
    isForced: isForced === true,
    because: typeof because === 'string' ? because.slice(0, becauseLengthMax) : 'chosen by a policy of your own',
  }
}

/** It goes into logs and pages. */
const becauseLengthMax = 200

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string')
}
