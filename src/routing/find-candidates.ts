import type { Candidate } from '../core/candidate.ts'
import { globMatcher, isGlob } from '../core/glob.ts'
import { type TrustZone, trustZones } from '../core/trust.ts'
import { type BackendShelf, toCandidate } from './backend-shelf.ts'
import type { CatalogueEntry } from './catalogue-entry.ts'

export interface CandidatesFound {
  readonly candidates: readonly Candidate[]
  /** The model's own zone. */
  readonly zone: TrustZone
}

/**
 * Where a model can be had, in order of preference.
 *
 * Its own zone is the narrowest among its backends of first preference: those that the operator listed first, whether
 * or not they are there now, since a machine that is off must not turn a local model into a cloud one. Without a list
 * all backends that have it are equal, and the narrowest counts.
 */
export function findCandidates(request: {
  readonly wanted: string
  readonly entry?: CatalogueEntry
  readonly shelves: readonly BackendShelf[]
}): CandidatesFound {
  const { wanted, entry, shelves } = request
  const preferred = entry?.backends && sortByPreference(shelves, entry.backends)
  const candidates = (preferred?.order ?? shelves.map((shelf) => ({ shelf, isNamed: false }))).flatMap(
    ({ shelf, isNamed }) => {
      const item = shelf.find(wanted, isNamed)
      return item ? [toCandidate(shelf.backend, item, entry)] : []
    },
  )
  return { candidates, zone: narrowest(preferred?.first.map(({ backend }) => backend.trust)) ?? ownZone(candidates) }
}

interface PreferredShelf {
  readonly shelf: BackendShelf
  /** Named without a wildcard. */
  readonly isNamed: boolean
}

function sortByPreference(
  shelves: readonly BackendShelf[],
  patterns: readonly string[],
): { readonly order: readonly PreferredShelf[]; readonly first: readonly BackendShelf[] } {
  const groups = patterns.map((pattern) => {
    const matches = globMatcher([pattern])
    const isNamed = !isGlob(pattern)
    return shelves.filter(({ backend }) => matches(backend.name)).map((shelf) => ({ shelf, isNamed }))
  })
  const order = new Map<BackendShelf, PreferredShelf>()
  for (const item of groups.flat()) {
    // Named anywhere in the list is named, even if a wildcard came first.
    const isNamed = item.isNamed || (order.get(item.shelf)?.isNamed ?? false)
    order.set(item.shelf, { shelf: item.shelf, isNamed })
  }
  const first = groups.find((group) => group.length > 0) ?? []
  return { order: [...order.values()], first: first.map(({ shelf }) => shelf) }
}

/** Of a model that nobody has, the most careful one. */
function ownZone(candidates: readonly Candidate[]): TrustZone {
  return narrowest(candidates.map(({ trust }) => trust)) ?? 'local'
}

function narrowest(zones: readonly TrustZone[] = []): TrustZone | undefined {
  return trustZones.find((zone) => zones.includes(zone))
}
