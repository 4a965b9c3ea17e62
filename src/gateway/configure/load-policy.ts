import { basename, extname } from 'node:path'
import { pathToFileURL } from 'node:url'

import { isPolicyFile, policyFileProblem } from '../../config/check-policy-file.ts'
import { LlmrError } from '../../core/error.ts'
import { builtInPolicies } from '../../scheduling/policies/built-in.ts'
import { type ForeignChoice, foreignPolicy } from '../../scheduling/policies/foreign-policy.ts'
import type { SwapPolicy } from '../../scheduling/policies/swap-policy.ts'

/** For a module whose own top level waits. */
const importTimeoutMs = 10_000

/**
 * The swap policy of that name, or from the module at that absolute path. Running a module is loading it, so this is for
 * whoever is about to schedule and for nobody else.
 *
 * @throws LlmrError when the module may not be run, cannot be, or is no policy
 */
export async function loadPolicy(policy: string): Promise<SwapPolicy> {
  if (!isPolicyFile(policy)) return builtInPolicies[policy === 'fifo' ? 'fifo' : 'ripe']
  const problem = await policyFileProblem(policy)
  if (problem !== undefined) throw refused(problem)
  const exported = await importWithin(policy, importTimeoutMs)
  const choose: unknown = Reflect.get(exported, 'nextSwap')
  if (!isChoice(choose)) throw refused(`expected ${policy} to export a function nextSwap; see docs/swapping.md`)
  return foreignPolicy(basename(policy, extname(policy)), choose)
}

/**
 * For as long as a gateway runs: a module is loaded once, when it starts. What another module, or none, would decide
 * counts from the next start on; between the policies that llmr brings a reload may change.
 */
export function policyOfRun(): (policy: string) => Promise<SwapPolicy> {
  let first: { readonly policy: string; readonly loaded: SwapPolicy } | undefined
  return async (policy) => {
    first ??= { policy, loaded: await loadPolicy(policy) }
    return isPolicyFile(first.policy) || isPolicyFile(policy) ? first.loaded : loadPolicy(policy)
  }
}

async function importWithin(file: string, timeoutMs: number): Promise<object> {
  const timeout = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => timeout.reject(refused(`${file} did not load within ${timeoutMs / 1000} s`)),
    timeoutMs,
  )
  try {
    const exported: unknown = await Promise.race([import(pathToFileURL(file).href), timeout.promise])
    return typeof exported === 'object' && exported !== null ? exported : {}
  } catch (cause) {
    throw cause instanceof LlmrError ? cause : refused(`${file} cannot be loaded: ${String(cause)}`, cause)
  } finally {
    clearTimeout(timer)
  }
}

function isChoice(value: unknown): value is ForeignChoice {
  return typeof value === 'function'
}

function refused(problem: string, cause?: unknown): LlmrError {
  return new LlmrError('invalid_request', `scheduling.policy: ${problem}.`, { cause })
}
