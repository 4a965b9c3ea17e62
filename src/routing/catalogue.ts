import { type BackendShelf, openShelf } from './backend-shelf.ts'
import { boundedCache } from './bounded-cache.ts'
import { indexByCase } from './case-index.ts'
import type { BackendInventory, CatalogueEntry } from './catalogue-entry.ts'
import { type EntryIndex, type FoundEntry, indexEntries } from './entry-index.ts'
import { findCandidates } from './find-candidates.ts'
import { type ListedModel, listModels } from './list-models.ts'
import { nearestNames } from './nearest-names.ts'
import { toReason } from './reason.ts'
import { type ResolvedModel, summarise } from './resolved-model.ts'

/** Which names there are and what they mean. A value: when a backend has something new to say, make another one. */
export interface Catalogue {
  /**
   * What a name means; constant time after its first use. `undefined`: nobody knows it. Known to the operator but had by
   * no backend: a model without candidates.
   */
  resolve(name: string): ResolvedModel | undefined
  /** What clients are told there is. The same array every time. */
  list(): readonly ListedModel[]
  /** Up to three listed names that are close to one that is not there, closest first. */
  nearest(name: string, mayUse?: (model: string) => boolean): readonly string[]
}

/** Longer names are nobody's, and comparing them would cost. */
const nameLengthMax = 256

/** Names that neither an entry nor a backend states: clients make them up, so what is kept of them has a bound. */
const guessedNamesMax = 1_024

export function createCatalogue(parts: {
  readonly entries: readonly CatalogueEntry[]
  readonly backends: readonly BackendInventory[]
}): Catalogue {
  const shelves = parts.backends.map(openShelf)
  const entries = indexEntries(parts.entries)
  const names = new Map([
    ...shelves.flatMap((shelf) => shelf.names).map((name) => [name, name] as const),
    ...entries.names,
  ])
  const sources: Sources = { shelves, entries, findByCase: indexByCase(names) }

  const stated = new Map<string, ResolvedModel | undefined>()
  const guessed = boundedCache<string, ResolvedModel | undefined>(guessedNamesMax)
  const inProgress = new Set<string>()
  let listed: readonly ListedModel[] | undefined

  function resolve(name: string): ResolvedModel | undefined {
    const known = stated.get(name)
    if (known) return known
    // A virtual model's zone asks for its general pick, which may be, by mistake, itself.
    if (name === '' || name.length > nameLengthMax || inProgress.has(name)) return undefined
    const cache = names.has(name) ? stated : guessed
    if (cache.has(name)) return cache.get(name)
    inProgress.add(name)
    const model = resolveName(name, sources, resolve)
    inProgress.delete(name)
    cache.set(name, model)
    return model
  }

  const list = (): readonly ListedModel[] => (listed ??= listModels({ entries: parts.entries, shelves, resolve }))
  return { resolve, list, nearest: (name, mayUse) => nearestNames(name, { models: list(), mayUse }) }
}

interface Sources {
  readonly shelves: readonly BackendShelf[]
  readonly entries: EntryIndex
  readonly findByCase: (name: string) => string | undefined
}

type Resolve = (name: string) => ResolvedModel | undefined

/**
 * What a name means, the most deliberate meaning first:
 * 1. an entry's name or alias, letter by letter, and then the same with or without `:latest`;
 * 2. a pattern, if some backend has what it stands for;
 * 3. what a backend reports, likewise, unless a pattern has sent that name elsewhere;
 * 4. any of these in other letter case, if that leaves one model;
 * 5. a pattern for which there is no backend: the operator knows the name, and its fallbacks may serve it.
 */
function resolveName(name: string, sources: Sources, resolve: Resolve): ResolvedModel | undefined {
  const stated = sources.entries.findStated(name) // 1
  if (stated) return fromEntry(stated, sources, resolve)

  const found = sources.entries.findPattern(name)
  const byPattern = found && fromEntry(found, sources, resolve)
  if (byPattern && isServed(byPattern)) return byPattern // 2

  const reported = byPattern ? undefined : fromReport(name, sources, resolve) // 3
  if (reported) return reported

  const otherCase = sources.findByCase(name) // 4
  const byCase = otherCase === undefined || otherCase === name ? undefined : resolve(otherCase)
  if (byCase && (isServed(byCase) || byCase.isConfigured))
    return { ...byCase, foundBy: toReason(`${byCase.foundBy}, letter case ignored`) }

  return byPattern // 5
}

function isServed({ pick, candidates }: ResolvedModel): boolean {
  return pick !== undefined || candidates.length > 0
}

function fromEntry(found: FoundEntry, { shelves }: Sources, resolve: Resolve): ResolvedModel {
  const { entry, name, foundBy, isStated } = found
  const { mayLeave, policy, pick, backends, fallbacks = [], moderatesBy = 'endpoint', isUnlisted = false } = entry
  const { candidates, zone } = pick
    ? { candidates: [], zone: resolve(pick.general)?.zone ?? 'local' }
    : findCandidates({ wanted: entry.upstream ?? name, entry, shelves })
  return {
    name,
    foundBy,
    isConfigured: isStated,
    isUnlisted,
    candidates,
    zone,
    summary: summarise(candidates, { zone, moderatesBy }),
    mayLeave,
    policy,
    pick,
    backends,
    fallbacks,
    moderatesBy,
  }
}

/** A name without an entry is one with nothing written beside it. */
function fromReport(name: string, sources: Sources, resolve: Resolve): ResolvedModel | undefined {
  const model = fromEntry({ entry: { name }, name, foundBy: 'named', isStated: false }, sources, resolve)
  return model.candidates.length > 0 ? model : undefined
}
