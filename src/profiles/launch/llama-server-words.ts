import { findFlag } from '../flags/find-flag.ts'
import { flagWords } from '../flags/flag-words.ts'
import type { FlagEntry } from '../flags/flag-value.ts'
import type { FlagTable } from '../flags/flag-table.ts'
import { normaliseFlags } from '../flags/normalise-flags.ts'
import type { NormalisedFlags } from '../flags/normalise-flags.ts'
import { isWeightsFile } from '../launch-profile.ts'
import type { LaunchProfile } from '../launch-profile.ts'

/** Arguments of llama-server. The address comes last, so that no flag of a profile moves the engine elsewhere. */
export function llamaServerWords(
  profile: LaunchProfile,
  {
    port,
    flags: table,
    slotFolder,
  }: { readonly port: number; readonly flags: FlagTable; readonly slotFolder?: string },
): readonly string[] {
  const { flags } = llamaServerFlags(profile, table)
  const slots = profile.savesSlots && slotFolder !== undefined ? ['--slot-save-path', slotFolder] : []
  return [...flagWords(flags, table), ...slots, '--host', profile.host, '--port', String(port)]
}

/** What the keys of a profile say, with its `flags` above them, in the words of this binary. */
export function llamaServerFlags(profile: LaunchProfile, table: FlagTable): NormalisedFlags {
  const written = Object.entries(profile.flags).map(([key, value]): FlagEntry => ({ key, value }))
  return normaliseFlags([...keyFlags(profile, table), ...written], table)
}

/** The keys of a profile that stand for a flag of llama-server. */
export function keyFlags(profile: LaunchProfile, table: FlagTable): readonly FlagEntry[] {
  const { model, mmproj, context, parallel = 1, kvCache, draft } = profile
  const entries: readonly (FlagEntry | undefined)[] = [
    model === undefined ? undefined : modelFlag(model),
    alias(profile, table),
    flag('mmproj', mmproj),
    // A slot gets its share of the cache, while a profile says what one request may use.
    flag('ctx-size', context === undefined ? undefined : context * parallel),
    flag('parallel', parallel),
    flag('cache-type-k', kvCache?.k),
    flag('cache-type-v', kvCache?.v),
    gpuLayers(profile, table),
    flag('spec-draft-model', draft?.model),
    flag('spec-draft-ngl', draft?.gpuLayers),
    flag('spec-draft-n-max', draft?.max),
    flag('spec-draft-n-min', draft?.min),
  ]
  return entries.filter((entry) => entry !== undefined)
}

function flag(key: string, value: string | number | undefined): FlagEntry | undefined {
  return value === undefined ? undefined : { key, value }
}

function modelFlag(model: string): FlagEntry {
  return isWeightsFile(model) ? { key: 'model', value: model } : { key: 'hf-repo', value: model.replace(/^hf:/, '') }
}

/** Otherwise the engine calls the model by its file. */
function alias({ name }: LaunchProfile, table: FlagTable): FlagEntry | undefined {
  return findFlag('alias', table).flag === undefined ? undefined : { key: 'alias', value: name }
}

/** `all` and `auto` are words of newer binaries; before, more layers than any model has meant all of them. */
function gpuLayers({ gpuLayers: layers }: LaunchProfile, table: FlagTable): FlagEntry | undefined {
  if (typeof layers !== 'string') return flag('gpu-layers', layers)
  const found = findFlag('gpu-layers', table).flag
  if (found?.values?.includes(layers) === true) return { key: 'gpu-layers', value: layers }
  return layers === 'all' ? { key: 'gpu-layers', value: 999 } : undefined
}
