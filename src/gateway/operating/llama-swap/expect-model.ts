import { LlmrError } from '../../../core/error.ts'
import { nearestName } from '../../../core/nearest-name.ts'
import type { Residency } from '../../fleet/residency.ts'
import type { ManagedModel } from '../../fleet/residency-plan.ts'

/** A model that llmr starts itself, by its name or an alias. @throws LlmrError `model_not_found` */
export function expectModel(residency: Residency, name: string): ManagedModel {
  const model = residency.managed.find(name)
  if (model !== undefined) return model
  const names = residency.managed.list.map((known) => known.name)
  const near = nearestName(name, names)
  const hint = near === undefined ? `There are: ${names.join(', ')}.` : `Did you mean "${near}"?`
  throw new LlmrError('model_not_found', `There is no profile "${name.slice(0, 200)}". ${hint}`, { param: 'model' })
}
