import { isPolicyFile } from './check-policy-file.ts'
import { formatPath } from './config-path.ts'
import type { Config } from './schema.ts'

/** What a reload changes, by names alone: fit for a log. */
export interface ConfigDiff {
  readonly backends: EntryDiff
  readonly models: EntryDiff
  /** Paths of all other keys that changed. */
  readonly keys: readonly string[]
  /** Those of `keys` that the running process cannot take over. */
  readonly needRestart: readonly string[]
  readonly isEmpty: boolean
}

export interface EntryDiff {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
}

/** A bound socket keeps its address and its certificate. So does a swap policy that is a module of its own. */
const restartPaths = ['listen.host', 'listen.port', 'listen.tls']

export function diffConfig(before: Config, after: Config): ConfigDiff {
  const { backends: oldBackends, models: oldModels, ...oldRest } = before
  const { backends: newBackends, models: newModels, ...newRest } = after
  const backends = diffEntries(oldBackends, newBackends)
  const models = diffEntries(oldModels, newModels)
  const keys = changedPaths(oldRest, newRest, []).map(formatPath)
  const policies = [before.scheduling.policy, after.scheduling.policy]
  const fixed = policies.some(isPolicyFile) ? [...restartPaths, 'scheduling.policy'] : restartPaths
  const needRestart = keys.filter((key) => fixed.some((path) => key === path || key.startsWith(`${path}.`)))
  const isEmpty = keys.length === 0 && [backends, models].every((diff) => Object.values(diff).flat().length === 0)
  return { backends, models, keys, needRestart, isEmpty }
}

function diffEntries(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): EntryDiff {
  const names = Object.keys(after)
  return {
    added: names.filter((name) => !Object.hasOwn(before, name)),
    removed: Object.keys(before).filter((name) => !Object.hasOwn(after, name)),
    changed: names.filter(
      (name) => Object.hasOwn(before, name) && changedPaths(before[name], after[name], []).length > 0,
    ),
  }
}

/** Lists count as one value: an inserted item would otherwise change all that follow. */
function changedPaths(before: unknown, after: unknown, path: readonly string[]): readonly (readonly string[])[] {
  if (!isMapping(before) || !isMapping(after)) return isSame(before, after) ? [] : [path]
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return Array.from(keys).flatMap((key) => changedPaths(before[key], after[key], [...path, key]))
}

/** Both come from the same schema, which writes keys in one order, so their texts can be compared. */
function isSame(before: unknown, after: unknown): boolean {
  return before === after || JSON.stringify(before) === JSON.stringify(after)
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
