import type { Candidate } from '../core/candidate.ts'
import { isGlob } from '../core/glob.ts'
import type { Capabilities } from '../core/model.ts'
import { isWider } from '../core/trust.ts'
import { type BackendShelf, latestVariant, withoutLatest } from './backend-shelf.ts'
import type { CatalogueEntry, PickSlot } from './catalogue-entry.ts'
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
  /** What the operator wants shown with it. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** What there is, entries first, in the operator's order; only what some backend has. */
export function listModels(sources: {
  readonly entries: readonly CatalogueEntry[]
  readonly shelves: readonly BackendShelf[]
  readonly resolve: Resolve
}): readonly ListedModel[] {
  const { entries, shelves, resolve } = sources
  const stated = entries.filter(({ name }) => !isGlob(name))
  const taken = new Set(stated.flatMap(({ name, aliases = [] }) => [name, ...aliases]))
  const reported = distinctNames(shelves).filter((name) => !taken.has(name) && !taken.has(latestVariant(name)))
  return [
    ...stated.flatMap(({ name, aliases = [], metadata }) =>
      describe(name, aliases, resolve).map((model) => (metadata === undefined ? model : { ...model, metadata })),
    ),
    ...reported.flatMap((name) => describe(name, [], resolve)),
  ]
}

type Resolve = (name: string) => ResolvedModel | undefined

/** `qwen3` of one backend and `qwen3:latest` of another are one model, under the name that comes first. */
function distinctNames(shelves: readonly BackendShelf[]): readonly string[] {
  const names = shelves.flatMap((shelf) => shelf.names)
  return [...new Map(names.toReversed().map((name) => [withoutLatest(name), name])).values()].toReversed()
}

function describe(id: string, aliases: readonly string[], resolve: Resolve): readonly ListedModel[] {
  const model = resolve(id)
  if (!model || model.isUnlisted) return []
  const candidates = concreteModels(model, resolve).flatMap((concrete) => concrete.candidates)
  if (candidates.length === 0) return []
  return [
    {
      id,
      aliases,
      contextLength: promisedContext(model, resolve),
      capabilities: mergeCapabilities(candidates),
      backends: [...new Set(candidates.map(({ backend }) => backend))],
      isLoaded: merge(candidates.map(({ description }) => description?.isLoaded)),
      isVirtual: model.pick !== undefined,
    },
  ]
}

/** The model itself, or what a virtual one may come to, each once. */
function concreteModels(model: ResolvedModel, resolve: Resolve, except?: PickSlot): readonly ResolvedModel[] {
  const found = new Map<string, ResolvedModel>()
  const queue = [model]
  for (let next = queue.shift(); next; next = queue.shift()) {
    if (found.has(next.name)) continue
    found.set(next.name, next)
    for (const [slot, name] of Object.entries<string | undefined>({ ...next.pick })) {
      const picked = name === undefined || slot === except ? undefined : resolve(name)
      if (picked) queue.push(picked)
    }
  }
  return [...found.values()].filter(({ pick }) => !pick)
}

/** No person's request goes to the background pick, so its context promises nothing. */
function promisedContext(asked: ResolvedModel, resolve: Resolve): number | undefined {
  const lengths = concreteModels(asked, resolve, 'background').flatMap(({ candidates }) => {
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
