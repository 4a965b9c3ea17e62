import type { ModelDescription } from '../../core/model.ts'
import type { LoadingState } from '../../core/wait-progress.ts'
import type { RequestEdits } from '../../dialects/openai/edit-request.ts'
import type { ModelLaunch } from '../../lifecycle/launch-plan.ts'
import type { MemoryProbe } from '../../lifecycle/memory/memory-probe.ts'
import { ripe } from '../../scheduling/policies/ripe.ts'
import { schedulerDefaults, type SchedulerSettings } from '../../scheduling/scheduler-settings.ts'

/** A model that llmr itself starts and stops; as a backend it has the same name. */
export interface ManagedModel {
  readonly name: string
  /** Of backend, once it runs. */
  readonly kind: string
  readonly launch: ModelLaunch
  /** What is known of it before it runs; its id is the engine's name for it. */
  readonly description: ModelDescription
  readonly aliases: readonly string[]
  readonly isUnlisted: boolean
  readonly edits: RequestEdits
  /** How a stream is shown that it waits for this model. */
  readonly loadingState: LoadingState
  /** What the operator wants shown with it in the model list. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** Over swaps; its engine is started for it. */
  readonly savesConversations: boolean
}

export interface ResidencyPlan {
  readonly models: readonly ManagedModel[]
  readonly scheduler: SchedulerSettings
  /** Loaded at the start. */
  readonly preload: readonly string[]
  /** How long a request may wait for its turn. */
  readonly queueTimeoutMs: number
  readonly memoryProbes: Readonly<Record<string, MemoryProbe>>
  /** For conversations that are saved while their model is out of memory. */
  readonly savedBytesMax: number
}

/** When a reload took every profile away. */
export const noModels: ResidencyPlan = {
  models: [],
  scheduler: { ...schedulerDefaults, models: [], pools: {}, policy: ripe },
  preload: [],
  queueTimeoutMs: 0,
  memoryProbes: {},
  savedBytesMax: 0,
}
