import { join } from 'node:path'

import { noEdits } from '../../src/dialects/openai/edit-request.ts'
import type { LoadingState } from '../../src/core/wait-progress.ts'
import type { ManagedModel, ResidencyPlan } from '../../src/gateway/fleet/residency-plan.ts'
import { plainLaunch } from '../../src/lifecycle/launch-plan.ts'
import { ripe } from '../../src/scheduling/policies/ripe.ts'
import { plainModel } from '../../src/scheduling/scheduler-model.ts'
import { schedulerDefaults } from '../../src/scheduling/scheduler-settings.ts'

const program = join(import.meta.dirname, '../../bin/run.cjs')

/** A model whose engine is `llmr sim` as a process of its own. */
export function simulatedModel(
  name: string,
  options: {
    args?: readonly string[]
    slots?: number
    loadingState?: LoadingState
    slotFolder?: string
    weights?: readonly string[]
  } = {},
): ManagedModel {
  const { args = [], slots = 2, loadingState = 'off', slotFolder, weights = [] } = options
  return {
    name,
    kind: 'llama.cpp',
    description: { id: name, slots, capabilities: { chat: true } },
    aliases: [],
    isUnlisted: false,
    edits: noEdits,
    loadingState,
    metadata: {},
    savesConversations: slotFolder !== undefined,
    launch: {
      name,
      bindHost: '127.0.0.1',
      planFor: (port) => ({
        ...plainLaunch,
        name,
        argv: [
          process.execPath,
          program,
          'sim',
          '--port',
          String(port),
          '--model',
          name,
          '--slots',
          String(slots),
          ...(slotFolder === undefined ? [] : ['--slot-save-path', slotFolder]),
          ...args,
        ],
        ...(slotFolder !== undefined && { slotFolder }),
        weights: { files: weights, isDirectIo: false },
        port,
        url: `http://127.0.0.1:${port}`,
        readyUrl: `http://127.0.0.1:${port}/health`,
        readyTimeoutMs: 20_000,
      }),
    },
  }
}

/** Those models in a memory that holds `roomFor` of them. */
export function residencyOf(models: readonly ManagedModel[], roomFor: number): ResidencyPlan {
  return {
    models,
    preload: [],
    queueTimeoutMs: 60_000,
    memoryProbes: {},
    savedBytesMax: 1e9,
    scheduler: {
      ...schedulerDefaults,
      policy: ripe,
      pools: { vram: roomFor },
      models: models.map(({ name, description }) => ({
        ...plainModel,
        name,
        sizeBytes: { vram: 1 },
        slots: description.slots ?? 1,
        expected: { loadMs: 500, stopMs: 100, serviceMs: 50 },
      })),
    },
  }
}
