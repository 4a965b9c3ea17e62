import type { Candidate } from '../core/candidate.ts'
import { isGlob } from '../core/glob.ts'
import type { Capabilities } from '../core/model.ts'
import { isWider } from '../core/trust.ts'
import { type BackendShelf, latestVariant, withoutLatest } from './backend-shelf.ts'
import type { CatalogueEntry, Pick } from './catalogue-entry.ts'
import type { ResolvedModel } from './resolved-model.ts'

/** One model as clients are told of it. */
export interface ListedModel {
  readonly id: string
  readonly aliases: readonly string[]
  /**
   * Tokens that one request may use, wherever it lands: the smallest context among the backends it may go to, because a
   * client plans its prompts by this figure and cannot know which of them will serve. Of a virtual model: the largest
   * among its picks, since what is too long for one goes to another. Absent: nobody says.
   */
  readonly contextLength?: number
  /** Yes if one backend says so, no if all say so. */
  readonly capabilities: Capabilities
  readonly backends: readonly string[]
  /** True if one backend has it loaded, false if none has, absent if nobody says. */
  readonly isLoaded?: boolean
  readonly isVirtual: boolean
}

/** What there is, entries first, in the operator's order; only what some backend has. */
export function listModels(sources: {
  readonly entries: readonly CatalogueEntry[]
  readonly shelves: readonly BackendShelf[]
  readonly resolve: (name: string) => ResolvedModel | undefined
}): readonly ListedModel[] {
  const { entries, shelves, resolve } = sources
  const stated = entries.filter(({ name }) => !isGlob(name))
  const hidden = new Set(stated.flatMap(({ name, aliases = [] }) => [name, ...aliases]))
  const hiddenPatterns = entries.filter(({ name, isUnlisted }) => isUnlisted && isGlob(name)).map(({ name }) => name)

  const fromEntries = stated
    .filter(({ isUnlisted }) => !isUnlisted)
    .flatMap(({ name, aliases = [] }) => describe(name, aliases, resolve))
  const fromBackends = distinctNames(shelves)
    .filter((name) => !hidden.has(name) && !hidden.has(latestVariant(name)))
    .filter((name) => !hiddenPatterns.some((pattern) => resolve(name)?.foundBy === `pattern ${pattern}`))
    .flatMap((name) => describe(name, [], resolve))
  return [...fromEntries, ...fromBackends]
}

/** `qwen3` of one backend and `qwen3:latest` of another are one model, under the name that comes first. */
function distinctNames(shelves: readonly BackendShelf[]): readonly string[] {
  const names = shelves.flatMap((shelf) => shelf.names)
  return [...new Map(names.toReversed().map((name) => [withoutLatest(name), name])).values()].toReversed()
}

function describe(
  name: string,
  aliases: readonly string[],
  resolve: (name: string) => ResolvedModel | undefined,
): readonly ListedModel[] {
  const model = resolve(name)
  if (!model) return []
  const models = model.pick ? picked(model.pick, resolve) : [model]
  const candidates = models.flatMap((picked) => picked.candidates)
  if (candidates.length === 0) return []
  return [
    {
      id: name,
      aliases,
      contextLength: promisedContext(
        model,
        model.pick ? picked({ ...model.pick, background: undefined }, resolve) : models,
      ),
      capabilities: mergeCapabilities(candidates),
      backends: [...new Set(candidates.map(({ backend }) => backend))],
      isLoaded: merge(candidates.map(({ description }) => description?.isLoaded)),
      isVirtual: model.pick !== undefined,
    },
  ]
}

function picked(pick: Pick, resolve: (name: string) => ResolvedModel | undefined): readonly ResolvedModel[] {
  return [...new Set(Object.values<string | undefined>({ ...pick }))].flatMap((name) => {
    const model = name === undefined ? undefined : resolve(name)
    return model ? [model] : []
  })
}

function promisedContext(asked: ResolvedModel, models: readonly ResolvedModel[]): number | undefined {
  const lengths = models.flatMap(({ candidates }) => {
    const stated = candidates
      .filter(({ trust }) => !isWider(trust, asked.zone))
      .flatMap(({ description }) => description?.contextLength ?? [])
    return stated.length > 0 ? [Math.min(...stated)] : []
  })
  return lengths.length > 0 ? Math.max(...lengths) : undefined
}

function mergeCapabilities(candidates: readonly Candidate[]): Capabilities {
  const all = candidates.map(({ description }) => description?.capabilities ?? {})
  const names = new Set(all.flatMap((capabilities) => Object.keys(capabilities) as (keyof Capabilities)[]))
  return Object.fromEntries([...names].map((name) => [name, merge(all.map((capabilities) => capabilities[name]))]))
}

function merge(answers: readonly (boolean | undefined)[]): boolean | undefined {
  if (answers.includes(true)) return true
  return answers.every((answer) => answer === false) ? false : undefined
}
