import { LlmrError } from '../../core/error.ts'
import type { ManagedModel, ResidencyPlan } from '../../gateway/fleet/residency-plan.ts'
import { modelGroups } from '../../scheduling/constraints/groups.ts'
import { allOf } from '../../scheduling/constraints/residency-constraint.ts'
import { fifo } from '../../scheduling/policies/fifo.ts'

/**
 * The plan of an operator, cut down to the models that are measured and changed so that every request for another one is
 * a swap at once: one model at a time, in the order of arrival, nothing pinned, and no file read ahead behind the
 * measurer's back.
 *
 * @throws LlmrError when there are fewer than two models, or one is not among the profiles
 */
export function planForSwaps(plan: ResidencyPlan | undefined, names: readonly string[]): ResidencyPlan {
  const known = plan?.models.map(({ name }) => name) ?? []
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw notAProfile(unknown, known)
  const chosen = names.length === 0 ? known : known.filter((name) => names.includes(name))
  if (plan === undefined || chosen.length < 2) throw tooFew(known)
  const isChosen = ({ name }: { readonly name: string }): boolean => chosen.includes(name)
  const { scheduler } = plan
  return {
    ...plan,
    models: plan.models.filter(isChosen).map(withoutReadAhead),
    preload: [],
    scheduler: {
      ...scheduler,
      policy: fifo,
      models: scheduler.models.filter(isChosen).map((model) => ({
        ...model,
        ttlMs: undefined,
        isPinned: false,
        minimumResidencyMs: 0,
      })),
      constraint: allOf([
        ...(scheduler.constraint === undefined ? [] : [scheduler.constraint]),
        modelGroups([{ name: 'bench', members: chosen, swap: true, exclusive: false, persistent: false }]),
      ]),
    },
  }
}

function withoutReadAhead(model: ManagedModel): ManagedModel {
  const { launch } = model
  return {
    ...model,
    launch: {
      ...launch,
      planFor: (port) => {
        const plan = launch.planFor(port)
        return { ...plan, weights: { ...plan.weights, files: [] } }
      },
    },
  }
}

function notAProfile(name: string, known: readonly string[]): LlmrError {
  const there = known.length === 0 ? 'There are none.' : `There are: ${known.join(', ')}.`
  return new LlmrError('invalid_request', `There is no profile "${name}". ${there}`)
}

function tooFew(known: readonly string[]): LlmrError {
  const there = known.length === 0 ? 'there is none' : `there is ${known.join(', ')}`
  return new LlmrError(
    'invalid_request',
    `A swap needs two models that llmr can start, and ${there}. Add profiles to llmr.yaml, or name them with --models.`,
  )
}
