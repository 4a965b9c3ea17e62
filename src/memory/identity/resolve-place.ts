import type { ConversationClaims } from '../../core/conversation-claims.ts'
import type { FoundTurns } from '../../core/found-turns.ts'
import type { MemoryScope } from '../../core/memory-scope.ts'
import type { PlacedRequest, Placement, TurnPlace } from '../../core/turn-place.ts'
import { type ChosenPlace, choosePlace } from './choose-place.ts'

/** Who keeps conversations. */
export interface PlaceStore {
  find(scope: MemoryScope, claims: ConversationClaims, options: Abortable): Promise<FoundTurns>
  /** Undefined when what was found is not so any more. */
  put(request: PlacedRequest, placement: Placement, options: Abortable): Promise<TurnPlace | undefined>
}

export interface Abortable {
  readonly signal?: AbortSignal
}

/** Where a request stands, and what of that its client knows. */
export interface ResolvedPlace extends TurnPlace, Omit<ChosenPlace, 'placement'> {
  /** Its client sent earlier messages along. */
  readonly sendsHistory: boolean
}

/**
 * Finds the place of a request and puts it there: two statements, one where it shows nothing that could be found. The same
 * for a request that is being answered and for one of which a worker is told later.
 *
 * @throws the store's errors, and an Error when others changed the same conversation at every attempt
 */
export async function resolvePlace(
  store: PlaceStore,
  { request, claims, signal }: { request: PlacedRequest; claims: ConversationClaims; signal?: AbortSignal },
): Promise<ResolvedPlace> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const found = showsNothing(claims) ? nothing : await store.find(request.scope, claims, { signal })
    const { placement, ...chosen } = choosePlace(claims, found)
    const place = await store.put(request, placement, { signal })
    if (place !== undefined) return { ...chosen, ...place, sendsHistory: placement.showsHistory }
  }
  throw new Error(`the place of a request changed ${attemptsMax} times while it was put there`)
}

/** Two that begin the same conversation at once: the second finds what the first has made. */
const attemptsMax = 4

const nothing: FoundTurns = { turns: [] }

function showsNothing({ key, previousRequestId, callIds, rounds, isStep }: ConversationClaims): boolean {
  return key === undefined && previousRequestId === undefined && callIds.length === 0 && rounds.length === 0 && !isStep
}
