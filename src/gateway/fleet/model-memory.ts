import { estimateMemory, type MemoryEstimate } from '../../profiles/fit/estimate-memory.ts'
import type { FactsCache } from '../../profiles/fit/facts-cache.ts'
import { fitSettings } from '../../profiles/fit/fit-report.ts'
import { weightsBytes } from '../../profiles/fit/weights-bytes.ts'
import { knownFlags } from '../../profiles/flags/known-flags.ts'
import type { LaunchProfile } from '../../profiles/launch-profile.ts'
import { llamaServerFlags } from '../../profiles/launch/llama-server-words.ts'

export interface ModelMemory {
  /** What it holds, by pool. */
  readonly sizeBytes: Readonly<Record<string, number>>
  /** What a load reads; 0 where that is not known. */
  readonly weightBytes: number
}

export interface ModelMemoryQuestion {
  readonly profile: LaunchProfile
  /** As the operator says. */
  readonly said: { readonly vram?: number; readonly pools: Readonly<Record<string, number>> }
  readonly pools: Readonly<Record<string, number>>
  readonly facts: FactsCache
}

/** What a vLLM holds while it sleeps: a process' share of each GPU, and at level 1 its weights in RAM, where that is counted. */
export function sleepingMemory({
  memory: { sizeBytes, weightBytes },
  sleep: { level, vram },
  pools,
}: {
  readonly memory: ModelMemory
  readonly sleep: { readonly level: 1 | 2; readonly vram: number }
  readonly pools: Readonly<Record<string, number>>
}): Readonly<Record<string, number>> {
  const gpus = Object.entries(sizeBytes).filter(([pool]) => pool !== ramPool)
  const held = Object.fromEntries(gpus.map(([pool, bytes]) => [pool, Math.min(vram, bytes)]))
  return level === 1 && ramPool in pools ? { ...held, [ramPool]: weightBytes } : held
}

/** The pool of the machine's own memory; others are of GPUs. */
export const ramPool = 'ram'

/** Beside its weights an engine holds a context and buffers, of which nothing more is known where there is no header. */
const overheadFactor = 1.2

/** Of its GPU, taken at the start whatever the model: vLLM's own default of `--gpu-memory-utilization`. */
const vllmShare = 0.9

/** What a model takes: as the operator says, else estimated from the header of its weights, else guessed from their size. */
export async function modelMemory({ profile, said, pools, facts }: ModelMemoryQuestion): Promise<ModelMemory> {
  const { model, mmproj, draft } = profile
  const [weights, ...beside] = await Promise.all([model, mmproj, draft?.model].map(weightsBytes))
  const besideBytes = beside.reduce((sum, bytes) => sum + bytes, 0)
  const weightBytes = (weights ?? 0) + besideBytes
  const [pool = ramPool] = Object.keys(pools)
  const sizeBytes = async (): Promise<Readonly<Record<string, number>>> => {
    if (Object.keys(said.pools).length > 0) return said.pools
    if (said.vram !== undefined) return { [pool]: said.vram }
    if (profile.engine === 'vllm') return { [pool]: Math.round(shareOf(profile) * (pools[pool] ?? 0)) }
    const guess = Math.round(overheadFactor * weightBytes)
    const estimate = await estimated({ profile, besideBytes, facts })
    if (estimate === undefined) return { [pool]: guess }
    return asPools(estimate, { pool, pools, isFlexible: !saysContext(profile), leastBytes: guess })
  }
  return { sizeBytes: await sizeBytes(), weightBytes }
}

function shareOf({ flags }: LaunchProfile): number {
  const share = flags['gpu-memory-utilization'] ?? flags['gpu_memory_utilization']
  return typeof share === 'number' && share > 0 && share <= 1 ? share : vllmShare
}

async function estimated({
  profile,
  besideBytes,
  facts,
}: {
  readonly profile: LaunchProfile
  readonly besideBytes: number
  readonly facts: FactsCache
}): Promise<MemoryEstimate | undefined> {
  const { engine, model } = profile
  if (engine !== 'llama-server' || model === undefined || !/\.gguf$/i.test(model)) return undefined
  try {
    const read = await facts.facts(model)
    return estimateMemory(read, fitSettings(profile, read, besideBytes))
  } catch {
    return undefined // missing or broken: its load will say so, and `llmr profiles validate` before
  }
}

function saysContext(profile: LaunchProfile): boolean {
  return llamaServerFlags(profile, knownFlags()).flags.some(({ key, value }) => key === 'ctx-size' && value !== 0)
}

/** Without a context in its profile an engine takes the longest that fits: it never refuses for want of room for it. */
function asPools(
  { totalBytes, ramBytes }: MemoryEstimate,
  {
    pool,
    pools,
    isFlexible,
    leastBytes,
  }: {
    readonly pool: string
    readonly pools: Readonly<Record<string, number>>
    readonly isFlexible: boolean
    readonly leastBytes: number
  },
): Readonly<Record<string, number>> {
  const bytes = Math.round(pool === ramPool ? totalBytes + ramBytes : totalBytes)
  const most = isFlexible ? Math.max(leastBytes, pools[pool] ?? 0) : Infinity
  const own = { [pool]: Math.min(bytes, most) }
  return pool !== ramPool && ramPool in pools ? { ...own, [ramPool]: Math.round(ramBytes) } : own
}
