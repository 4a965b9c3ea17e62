import type { Config, ProfileConfig } from '../../config/schema.ts'
import { availableBytes, ramProbe } from '../../lifecycle/memory/ram-probe.ts'
import type { MemoryProbe } from '../../lifecycle/memory/memory-probe.ts'
import { slotFolderIn } from '../../lifecycle/slots/conversation-saver.ts'
import { nvidiaProbe } from '../../lifecycle/memory/nvidia-probe.ts'
import type { FactsCache } from '../../profiles/fit/facts-cache.ts'
import type { FlagTable } from '../../profiles/flags/flag-table.ts'
import { knownFlags } from '../../profiles/flags/known-flags.ts'
import { readBinaryFlags } from '../../profiles/flags/read-binary-flags.ts'
import { launchCommand } from '../../profiles/launch/launch-command.ts'
import { binaryOf, type LaunchProfile } from '../../profiles/launch-profile.ts'
import type { SwapPolicy } from '../../scheduling/policies/swap-policy.ts'
import { plainModel, type SchedulerModel } from '../../scheduling/scheduler-model.ts'
import { schedulerDefaults } from '../../scheduling/scheduler-settings.ts'
import { launchProfile } from '../configure/profile-settings.ts'
import { modelMemory, type ModelMemory, ramPool, sleepingMemory } from './model-memory.ts'
import { swapConstraint } from './swap-constraint.ts'
import type { ManagedModel, ResidencyPlan } from './residency-plan.ts'

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
  {
    dataDirectory,
    policy,
    facts,
  }: { readonly dataDirectory: string; readonly policy: SwapPolicy; readonly facts: FactsCache },
): Promise<ResidencyPlan | undefined> {
  const profiles = Object.entries(config.profiles)
  if (profiles.length === 0) return undefined
  const { scheduling } = config
  const slotFolder = slotFolderIn(dataDirectory)
  // Nobody has described the machine.
  const pools = scheduling.pools ?? { [ramPool]: availableBytes() }
  const described = await Promise.all(
    profiles.map(async ([name, profile]) => {
      const launch = launchProfile(name, profile)
      const memory = await modelMemory({ profile: launch, said: profile, pools, facts })
      return {
        managed: await managedModel(name, profile, { config, slotFolder, pools: Object.keys(memory.sizeBytes) }),
        scheduled: schedulerModel(name, profile, { memory, pools }),
      }
    }),
  )
  return {
    models: described.map(({ managed }) => managed),
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
      constraint: swapConstraint(config),
      models: described.map(({ scheduled }) => scheduled),
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
    /** That it fills. */
    readonly pools: readonly string[]
    readonly slotFolder: string
  },
): Promise<ManagedModel> {
  const launch = { ...launchProfile(name, profile), pools }
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

function schedulerModel(
  name: string,
  profile: ProfileConfig,
  { memory, pools }: { readonly memory: ModelMemory; readonly pools: Readonly<Record<string, number>> },
): SchedulerModel {
  const { sleep } = profile
  const { sizeBytes, weightBytes } = memory
  return {
    ...plainModel,
    name,
    sizeBytes,
    ...(profile.engine === 'vllm' && sleep && { sleepingBytes: sleepingMemory({ memory, sleep, pools }) }),
    slots: slotsOf(profile),
    concurrencyMax: profile.concurrency,
    weight: profile.weight,
    isPinned: profile.pin,
    minimumResidencyMs: profile.minimum_residency,
    ttlMs: profile.ttl || undefined,
    expected: { ...guessedLoads(weightBytes), stopMs: 300, serviceMs: 1_000 },
  }
}

/** Until they have been measured: the start of a process, and reading the weights from an ordinary disk, or from memory. */
function guessedLoads(weightBytes: number): { readonly loadMs: number; readonly warmLoadMs: number } {
  return {
    loadMs: processStartMs + weightBytes / diskBytesPerMs,
    warmLoadMs: processStartMs + weightBytes / memoryBytesPerMs,
  }
}

const processStartMs = 1_000
const diskBytesPerMs = 1e6
const memoryBytesPerMs = 9e6

function slotsOf({ parallel, concurrency }: ProfileConfig): number {
  return parallel ?? concurrency ?? 1
}

/** Pools that are called after what can be looked at: `ram`, and `gpu0` and so on. */
function probeOf(pool: string): [string, MemoryProbe][] {
  if (pool === ramPool) return [[pool, ramProbe()]]
  const gpu = /^gpu(\d+)$/.exec(pool)?.[1]
  return gpu === undefined ? [] : [[pool, nvidiaProbe({ gpu })]]
}
