import { noEdits } from '../../dialects/openai/edit-request.ts'
import { programFile } from '../../core/package-root.ts'
import type { ManagedModel, ResidencyPlan } from '../../gateway/fleet/residency-plan.ts'
import { plainLaunch } from '../../lifecycle/launch-plan.ts'
import type { SwapPolicy } from '../../scheduling/policies/swap-policy.ts'
import { schedulerDefaults } from '../../scheduling/scheduler-settings.ts'
import type { ReplayHost, ReplayModel } from '../../sim/swaps/replay-host.ts'
import { replaySettings } from '../../sim/swaps/replay-settings.ts'
import type { ReplayEngineOptions } from './replay-engine-options.ts'

export interface ReplayPlan {
  readonly models: readonly ReplayModel[]
  readonly host: ReplayHost
  readonly policy: SwapPolicy
  /** Simulated. */
  readonly maxWaitMs: number
  readonly timeoutMs: number
  readonly timeScale: number
  /** Real, of a model's load and stop; asked at each start. */
  readonly giveBackMs: (model: ReplayModel) => { readonly load: number; readonly stop: number }
  /** Where compiled code of the engine is kept, so that its start is short. */
  readonly cacheFolder: string
}

/** The models of a trace as an operator's profiles would be, their engines simulated, every time scaled. */
export function replayPlan(plan: ReplayPlan): ResidencyPlan {
  const { models, host, policy, maxWaitMs, timeoutMs, timeScale } = plan
  const settings = replaySettings(models, host)
  return {
    models: models.map((model) => managedModel(model, plan)),
    preload: [],
    queueTimeoutMs: timeoutMs * timeScale,
    memoryProbes: {},
    savedBytesMax: 0,
    scheduler: {
      ...schedulerDefaults,
      ...settings,
      policy,
      maxWaitMs: maxWaitMs * timeScale,
      models: settings.models.map((model) => ({ ...model, expected: scaled(model.expected, timeScale) })),
    },
  }
}

/** The words of one engine's command line, less the port. */
export function engineCommand(options: ReplayEngineOptions): readonly [string, ...string[]] {
  return [process.execPath, programFile('src/bench/replay/replay-engine'), JSON.stringify(options)]
}

function managedModel(model: ReplayModel, { host, timeScale, cacheFolder, giveBackMs }: ReplayPlan): ManagedModel {
  const { name, slots } = model
  return {
    name,
    kind: 'llama.cpp',
    description: { id: name, slots, capabilities: { chat: true } },
    aliases: [],
    isUnlisted: false,
    edits: noEdits,
    loadingState: 'off',
    metadata: {},
    savesConversations: false,
    launch: {
      name,
      bindHost: plainLaunch.host,
      planFor: (port) => ({
        ...plainLaunch,
        name,
        argv: engineCommand({ port, model, host, timeScale, giveBackMs: giveBackMs(model) }),
        env: { NODE_COMPILE_CACHE: cacheFolder },
        port,
        url: `http://${plainLaunch.host}:${port}`,
        readyUrl: `http://${plainLaunch.host}:${port}/health`,
      }),
    },
  }
}

type Times = Readonly<Record<'loadMs' | 'stopMs' | 'serviceMs', number>>

function scaled({ loadMs, stopMs, serviceMs }: Times, timeScale: number): Times {
  return { loadMs: loadMs * timeScale, stopMs: stopMs * timeScale, serviceMs: serviceMs * timeScale }
}
