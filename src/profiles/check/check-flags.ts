import { findFlag, plainKey } from '../flags/find-flag.ts'
import type { FlagTable } from '../flags/flag-table.ts'
import { flagKey } from '../flags/flag-table.ts'
import { flagWords } from '../flags/flag-words.ts'
import { translateLoadMode } from '../flags/load-mode.ts'
import { normaliseFlags } from '../flags/normalise-flags.ts'
import { keyFlags, llamaServerFlags } from '../launch/llama-server-words.ts'
import type { LaunchProfile } from '../launch-profile.ts'
import type { LaunchFinding } from './launch-finding.ts'

/** Whether this llama-server knows the flags, takes the values, and is told each thing once. */
export function checkFlags(profile: LaunchProfile, table: FlagTable): readonly LaunchFinding[] {
  return [
    ...wrongFlags(profile, table),
    ...wrongKeys(profile, table),
    ...saidTwice(profile, table),
    ...wrongArguments(profile, table),
    ...quantisedValues(profile, table),
  ]
}

function wrongFlags({ flags }: LaunchProfile, table: FlagTable): readonly LaunchFinding[] {
  const entries = Object.entries(flags).map(([key, value]) => ({ key, value }))
  return normaliseFlags(entries, table).problems.map(({ key, message }) => {
    const isUnknown = findFlag(key, table).flag === undefined
    return {
      path: ['flags', key],
      code: isUnknown ? 'unknown_key' : 'wrong_value',
      message,
      ...(isUnknown && { at: 'key' }),
    }
  })
}

const pathOfKey: Readonly<Record<string, readonly string[]>> = {
  'cache-type-k': ['kv_cache', 'k'],
  'cache-type-v': ['kv_cache', 'v'],
  'spec-draft-model': ['draft', 'model'],
  'spec-draft-ngl': ['draft', 'gpu_layers'],
  'spec-draft-n-max': ['draft', 'max'],
  'spec-draft-n-min': ['draft', 'min'],
  'ctx-size': ['context'],
  'gpu-layers': ['gpu_layers'],
  'hf-repo': ['model'],
}

/** A key that this binary cannot be told, such as a cache type it has not. */
function wrongKeys(profile: LaunchProfile, table: FlagTable): readonly LaunchFinding[] {
  return normaliseFlags(keyFlags(profile, table), table).problems.map(({ key, message }) => {
    return { path: pathOfKey[key] ?? [key], code: 'wrong_value', message }
  })
}

/** Keys that llmr has words for. */
const keyOfFlag: Readonly<Record<string, string>> = {
  model: 'model',
  'hf-repo': 'model',
  mmproj: 'mmproj',
  'ctx-size': 'context',
  parallel: 'parallel',
  'cache-type-k': 'kv_cache.k',
  'cache-type-v': 'kv_cache.v',
  'gpu-layers': 'gpu_layers',
  'spec-draft-model': 'draft.model',
  host: 'host',
  port: 'port',
}

function saidTwice(profile: LaunchProfile, table: FlagTable): readonly LaunchFinding[] {
  const said = new Set(keyFlags(profile, table).map(({ key }) => key))
  const seen = new Map<string, string>()
  return Object.keys(profile.flags).flatMap((key): LaunchFinding[] => {
    const { flag } = findFlag(key, table)
    if (flag === undefined) return []
    const name = flagKey(flag)
    const path = ['flags', key]
    const earlier = seen.get(name)
    seen.set(name, key)
    if (earlier !== undefined) {
      return [
        { path, at: 'key', code: 'conflict', message: `${earlier} and ${key} are the same flag, --${name}; keep one` },
      ]
    }
    const ownKey = keyOfFlag[name]
    if (name === 'host' || name === 'port') {
      const message = `llmr tells the engine its address; write the key ${name} of the profile instead`
      return [{ path, at: 'key', code: 'conflict', message }]
    }
    const isSaid = Array.from(said).some((one) => findFlag(one, table).flag === flag) && name !== 'alias'
    if (ownKey === undefined || !isSaid || (name === 'parallel' && profile.parallel === undefined)) return []
    const message = `counts above the key ${ownKey}, which says the same; keep one`
    return [{ path, at: 'key', code: 'conflict', message, isWarning: true }]
  })
}

/** Words that are passed on as they are can still be recognised as flags that this binary has not. */
function wrongArguments({ args }: LaunchProfile, table: FlagTable): readonly LaunchFinding[] {
  return args.flatMap((word, index): LaunchFinding[] => {
    const [name = ''] = word.split('=', 1)
    if (!/^--?[A-Za-z]/.test(name)) return []
    const known = table.find(name)
    if (known !== undefined && known.removed === undefined) return []
    const message = `the engine would leave at once: ${insteadOf(name, table)}`
    return [{ path: ['args', index], code: 'unknown_key', message }]
  })
}

function insteadOf(name: string, table: FlagTable): string {
  const written = { key: name, value: true }
  const moved = translateLoadMode([written], table)
  if (!moved.includes(written)) return `${table.origin} has no ${name}; write ${flagWords(moved, table).join(' ')}`
  const found = findFlag(name, table)
  return found.flag === undefined ? found.problem : `${table.origin} calls ${name} --${flagKey(found.flag)}`
}

/** llama.cpp refuses a quantised V cache without flash attention, after having read the weights. */
function quantisedValues(profile: LaunchProfile, table: FlagTable): readonly LaunchFinding[] {
  const { flags } = llamaServerFlags(profile, table)
  const valueOf = (name: string): unknown => {
    const flag = findFlag(name, table).flag
    return flag === undefined ? undefined : flags.find(({ key }) => key === flagKey(flag))?.value
  }
  const type = valueOf('cache-type-v')
  if (typeof type !== 'string' || ['f16', 'f32', 'bf16'].includes(type) || valueOf('flash-attn') !== 'off') return []
  const key = Object.keys(profile.flags).find((one) => plainKey(one).startsWith('fl') || plainKey(one) === 'fa')
  const message = `the V cache is ${type}, which needs flash attention; take this away, or store V as f16`
  return [{ path: ['flags', key ?? 'flash-attn'], code: 'conflict', message }]
}
