import type { InstancePhase } from '../../../lifecycle/instance/instance-state.ts'
import { shownCommand } from '../../../lifecycle/process/shown-command.ts'
import type { Residency } from '../../fleet/residency.ts'

/** One model that is in memory, or on its way there or out, as llama-swap shows it. */
export interface RunningModel {
  readonly model: string
  readonly state: 'starting' | 'ready' | 'stopping'
  /** Keys and tokens in it are left out. */
  readonly cmd: string
  readonly proxy: string
  /** Seconds without a request after which it is unloaded; 0: never. */
  readonly ttl: number
  readonly name: string
  readonly description: string
}

/** llmr knows more phases than llama-swap has words. One that sleeps holds no memory. */
const states: Readonly<Record<InstancePhase, RunningModel['state'] | undefined>> = {
  starting: 'starting',
  loading: 'starting',
  ready: 'ready',
  draining: 'stopping',
  stopping: 'stopping',
  sleeping: undefined,
  stopped: undefined,
  failed: undefined,
}

export function runningModels(residency: Residency): readonly RunningModel[] {
  return residency.status().flatMap(({ model, phase, url }) => {
    const state = states[phase]
    if (state === undefined) return []
    const port = url === undefined ? 0 : Number(new URL(url).port)
    const launch = residency.managed.find(model)?.launch.planFor(port)
    return {
      model,
      state,
      cmd: launch === undefined ? '' : shownCommand(launch.argv),
      proxy: url ?? '',
      ttl: Math.round((residency.managed.ttlMs(model) ?? 0) / 1000),
      name: model,
      description: '',
    }
  })
}
