import type { FlagTable } from '../flags/flag-table.ts'
import { flagKey } from '../flags/flag-table.ts'
import { findFlag } from '../flags/find-flag.ts'
import type { FlagEntry, FlagValue } from '../flags/flag-value.ts'
import { normaliseFlags } from '../flags/normalise-flags.ts'
import { compact } from './imported.ts'
import type { ImportedProfile } from './imported.ts'

/** Flags of llama-server as keys of a profile where there are keys for them, the others under `flags`. */
export function profileFromFlags(entries: readonly FlagEntry[], table: FlagTable): ImportedProfile {
  const { flags } = normaliseFlags(entries, table)
  const values = new Map(flags.map(({ key, value }) => [canonical(key, table), value]))
  const take = (name: string): FlagValue | undefined => {
    const key = canonical(name, table)
    const value = values.get(key)
    values.delete(key)
    return value
  }
  for (const ours of ['host', 'port', 'alias']) take(ours) // llmr says these
  const parallel = wholeNumber(take('parallel'))
  const total = wholeNumber(take('ctx-size'))
  const layers = take('gpu-layers')
  const repository = take('hf-repo')
  return compact({
    model: take('model') ?? repository,
    mmproj: take('mmproj'),
    // The engine divides its context among its slots, a profile says what one request has.
    context: total === undefined || total === 0 ? undefined : Math.floor(total / Math.max(1, parallel ?? 1)),
    parallel: parallel !== undefined && parallel > 0 ? parallel : undefined,
    kv_cache: compact({ k: take('cache-type-k'), v: take('cache-type-v') }),
    gpu_layers: typeof layers === 'number' ? (layers >= 99 ? 'all' : layers < 0 ? 'all' : layers) : layers,
    draft: compact({
      model: take('spec-draft-model'),
      gpu_layers: wholeNumber(take('spec-draft-ngl')),
      max: wholeNumber(take('spec-draft-n-max')),
      min: wholeNumber(take('spec-draft-n-min')),
    }),
    flags: Object.fromEntries(values),
  })
}

function canonical(key: string, table: FlagTable): string {
  const { flag } = findFlag(key, table)
  return flag === undefined ? key : flagKey(flag)
}

function wholeNumber(value: FlagValue | undefined): number | undefined {
  const number = typeof value === 'object' || typeof value === 'boolean' ? Number.NaN : Number(value ?? Number.NaN)
  return Number.isInteger(number) ? number : undefined
}
