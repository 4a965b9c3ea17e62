import { LlmrError } from '../../core/error.ts'
import type { ManagedModel, ResidencyPlan } from './residency-plan.ts'

/** The models that llmr itself starts and stops, by the plan that counts now. */
export class ManagedSet {
  #plan: ResidencyPlan
  #byName: ReadonlyMap<string, ManagedModel>

  constructor(plan: ResidencyPlan) {
    this.#plan = plan
    this.#byName = byName(plan)
  }

  get plan(): ResidencyPlan {
    return this.#plan
  }

  get list(): readonly ManagedModel[] {
    return [...this.#byName.values()]
  }

  has(name: string): boolean {
    return this.#byName.has(name)
  }

  get(name: string): ManagedModel | undefined {
    return this.#byName.get(name)
  }

  /** By its name or an alias. */
  find(name: string): ManagedModel | undefined {
    return this.get(name) ?? this.list.find(({ aliases }) => aliases.includes(name))
  }

  /** @throws LlmrError `model_not_found` */
  expect(name: string): void {
    if (this.has(name)) return
    const names = [...this.#byName.keys()].join(', ')
    throw new LlmrError('model_not_found', `There is no profile "${name}". There are: ${names}.`, { param: 'model' })
  }

  /** Unloaded after so long without a request, in milliseconds; absent: never. */
  ttlMs(name: string): number | undefined {
    return this.#scheduled(name)?.ttlMs
  }

  /** How long it takes to load when its files are in memory already; absent where that is not known. */
  warmLoadMs(name: string): number | undefined {
    return this.#scheduled(name)?.expected.warmLoadMs
  }

  /** Returns the names that are managed no more. */
  replace(plan: ResidencyPlan): readonly string[] {
    const before = this.#byName
    this.#plan = plan
    this.#byName = byName(plan)
    return [...before.keys()].filter((name) => !this.has(name))
  }

  #scheduled(name: string) {
    return this.#plan.scheduler.models.find((model) => model.name === name)
  }
}

function byName({ models }: ResidencyPlan): ReadonlyMap<string, ManagedModel> {
  return new Map(models.map((model) => [model.name, model]))
}
