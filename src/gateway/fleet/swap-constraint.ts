import type { Config } from '../../config/schema.ts'
import { LlmrError } from '../../core/error.ts'
import { modelGroups } from '../../scheduling/constraints/groups.ts'
import { compileMatrix } from '../../scheduling/constraints/matrix.ts'
import { allOf, type ResidencyConstraint } from '../../scheduling/constraints/residency-constraint.ts'

/**
 * Which models may be in memory together, beside what fits: the groups and the matrix of the configuration.
 *
 * @throws LlmrError when the matrix names what is no profile
 */
export function swapConstraint({ profiles, scheduling }: Config): ResidencyConstraint {
  const constraints: ResidencyConstraint[] = []
  const groups = Object.entries(scheduling.groups).map(([name, group]) => ({
    name,
    ...group,
    members: Object.entries(profiles).flatMap(([member, profile]) => (profile.group === name ? [member] : [])),
  }))
  if (groups.length > 0) constraints.push(modelGroups(groups))
  const { matrix } = scheduling
  if (matrix !== undefined) {
    const { sets, variables, evict_costs: evictCosts } = matrix
    const compiled = compileMatrix({ sets, variables, evictCosts }, Object.keys(profiles))
    if ('problems' in compiled) {
      throw new LlmrError('invalid_request', `scheduling.matrix: ${compiled.problems.join('; ')}.`)
    }
    constraints.push(compiled.constraint)
  }
  return allOf(constraints)
}
