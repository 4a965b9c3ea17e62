import { statSync } from 'node:fs'

import type { Config, ProfileConfig } from '../../config/schema.ts'
import { LlmrError } from '../../core/error.ts'
import { availableBytes, ramProbe } from '../../lifecycle/memory/ram-probe.ts'
import type { MemoryProbe } from '../../lifecycle/memory/memory-probe.ts'
import { slotFolderIn } from '../../lifecycle/slots/conversation-saver.ts'
import { nvidiaProbe } from '../../lifecycle/memory/nvidia-probe.ts'
import type { FlagTable } from '../../profiles/flags/flag-table.ts'
import { knownFlags } from '../../profiles/flags/known-flags.ts'
import { readBinaryFlags } from '../../profiles/flags/read-binary-flags.ts'
import { launchCommand } from '../../profiles/launch/launch-command.ts'
import { binaryOf, isWeightsFile, type LaunchProfile } from '../../profiles/launch-profile.ts'
import { modelGroups } from '../../scheduling/constraints/groups.ts'
import { compileMatrix } from '../../scheduling/constraints/matrix.ts'
import { allOf, type ResidencyConstraint } from '../../scheduling/constraints/residency-constraint.ts'
import type { SwapPolicy } from '../../scheduling/policies/swap-policy.ts'
import { plainModel, type SchedulerModel } from '../../scheduling/scheduler-model.ts'
import { schedulerDefaults } from '../../scheduling/scheduler-settings.ts'
import { launchProfile } from '../configure/profile-settings.ts'
import type { ManagedModel, ResidencyPlan } from './residency-plan.ts'

/** The pool of a machine that nobody has described. */
const defaultPool = 'ram'

/** Beside its weights an engine holds a context and buffers; what it really takes is for the operator to say (`vram`). */
const overheadFactor = 1.2

/** Kind of backend that a profile's engine becomes. */
const kinds: Readonly<Record<ProfileConfig['engine'], string>> = {
  'llama-server': 'llama.cpp',
  vllm: 'vllm',
  command: 'auto',
}

/**
 * What llmr starts itself, from the profiles of the configuration.
 *
 * @returns undefined when there are none
 * @throws LlmrError when groups or the matrix do not fit the profiles
 */
export async function residencyPlan(
  config: Config,
  { dataDirectory, policy }: { readonly dataDirectory: string; readonly policy: SwapPolicy },
): Promise<ResidencyPlan | undefined> {
  const profiles = Object.entries(config.profiles)
  if (profiles.length === 0) return undefined
  const { scheduling } = config
  const slotFolder = slotFolderIn(dataDirectory)
  const pools = scheduling.pools ?? { [defaultPool]: availableBytes() }
  const models = await Promise.all(
    profiles.map(([name, profile]) => managedModel(name, profile, { config, pools, slotFolder })),
  )
  return {
    models,
    preload: profiles.filter(([, { preload }]) => preload).map(([name]) => name),
    queueTimeoutMs: scheduling.queue.timeout,
    savedBytesMax: scheduling.saved_conversations,
    memoryProbes: Object.fromEntries(Object.keys(pools).flatMap((pool) => probeOf(pool))),
    scheduler: {
      ...schedulerDefaults,
      pools,
      policy,
      maxWaitMs: scheduling.max_wait,
      queuedPerModelMax: scheduling.queue.per_model,
      queuedMax: scheduling.queue.total,
      constraint: constraintOf(config),
      models: profiles.map(([name, profile]) => schedulerModel(name, profile, pools)),
    },
  }
}

async function managedModel(
  name: string,
  profile: ProfileConfig,
  {
    config,
    pools,
    slotFolder,
  }: {
    readonly config: Config
    readonly pools: Readonly<Record<string, number>>
    readonly slotFolder: string
  },
): Promise<ManagedModel> {
  const launch = { ...launchProfile(name, profile), pools: Object.keys(sizesOf(profile, pools)) }
  const flags = await flagsOf(launch)
  return {
    name,
    kind: kinds[profile.engine],
    description: {
      id: profile.use_model_name ?? name,
      contextLength: profile.context,
      slots: slotsOf(profile),
      capabilities: Object.fromEntries((profile.capabilities ?? []).map((capability) => [capability, true])),
    },
    aliases: otherNames(name, profile),
    isUnlisted: profile.unlisted,
    edits: {
      defaults: profile.sampling,
      set: profile.filters.set,
      strip: profile.filters.strip,
      setByName: profile.filters.set_by_name,
    },
    loadingState: profile.loading_state ?? config.dialects.loading_state,
    metadata: profile.metadata,
    savesConversations: profile.engine === 'llama-server' && profile.save_slots,
    launch: {
      name,
      bindHost: profile.host,
      port: profile.port,
      planFor: (port) => launchCommand(launch, { port, flags, slotFolder }),
    },
  }
}

function otherNames(name: string, { aliases, filters }: ProfileConfig): readonly string[] {
  return [...new Set([...aliases, ...Object.keys(filters.set_by_name)])].filter((alias) => alias !== name)
}

/** As the binary itself says, since flags move; else as llmr knows them. */
async function flagsOf(profile: LaunchProfile): Promise<FlagTable> {
  const binary = binaryOf(profile)
  if (binary === undefined || profile.engine !== 'llama-server') return knownFlags()
  return (await readBinaryFlags(binary)) ?? knownFlags()
}

function schedulerModel(name: string, profile: ProfileConfig, pools: Readonly<Record<string, number>>): SchedulerModel {
  return {
    ...plainModel,
    name,
    sizeBytes: sizesOf(profile, pools),
    slots: slotsOf(profile),
    concurrencyMax: profile.concurrency,
    weight: profile.weight,
    isPinned: profile.pin,
    minimumResidencyMs: profile.minimum_residency,
    ttlMs: profile.ttl || undefined,
    expected: { loadMs: guessedLoadMs(profile), stopMs: 300, serviceMs: 1_000 },
  }
}

/** Until it has been measured: the start of a process, and reading the weights from an ordinary disk. */
function guessedLoadMs({ model }: ProfileConfig): number {
  return 1_000 + bytesOf(model) / diskBytesPerMs
}

const diskBytesPerMs = 1e6

function slotsOf({ parallel, concurrency }: ProfileConfig): number {
  return parallel ?? concurrency ?? 1
}

/** What it holds, by pool: as the operator says, else guessed from the weights. */
function sizesOf(profile: ProfileConfig, pools: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  if (Object.keys(profile.pools).length > 0) return profile.pools
  const [pool = defaultPool] = Object.keys(pools)
  const weights = [profile.model, profile.mmproj, profile.draft?.model]
  const guess = overheadFactor * weights.reduce((sum, file) => sum + bytesOf(file), 0)
  return { [pool]: profile.vram ?? Math.round(guess) }
}

function bytesOf(file: string | undefined): number {
  if (file === undefined || !isWeightsFile(file)) return 0
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

/** Pools that are called after what can be looked at: `ram`, and `gpu0` and so on. */
function probeOf(pool: string): [string, MemoryProbe][] {
  if (pool === defaultPool) return [[pool, ramProbe()]]
  const gpu = /^gpu(\d+)$/.exec(pool)?.[1]
  return gpu === undefined ? [] : [[pool, nvidiaProbe({ gpu })]]
}

function constraintOf({ profiles, scheduling }: Config): ResidencyConstraint {
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
