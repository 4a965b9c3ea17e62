import { resolve } from 'node:path'

import { CliError } from '../../cli/cli-error.ts'
import { isPolicyFile } from '../../config/check-policy-file.ts'
import { loadPolicy } from '../../gateway/configure/load-policy.ts'
import { builtInPolicies } from '../../scheduling/policies/built-in.ts'
import type { SwapPolicy } from '../../scheduling/policies/swap-policy.ts'

/**
 * What `--policy` names, of commands that replay a workload.
 *
 * @throws CliError for a name that is none, LlmrError when a module may not be run or is no policy
 */
export async function policyNamed(name: string): Promise<SwapPolicy> {
  if (isPolicyFile(name)) return loadPolicy(resolve(name))
  if (Object.hasOwn(builtInPolicies, name)) return loadPolicy(name)
  throw new CliError(`There is no policy ${name}.`, {
    code: 'unknown_policy',
    exitCode: 2,
    nextSteps: ['Name ripe or fifo.', 'Or give the path of a module, such as ./my-policy.js.'],
  })
}
