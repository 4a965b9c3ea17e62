import { greedyVictims } from './greedy-victims.ts'
import { awayMs, harmTo, isWorthDraining } from './harm.ts'
import type { ResidentModel, SwapView, WaitingModel } from './swap-policy.ts'

export interface Victims {
  readonly evict: readonly ResidentModel[]
  /** Weighted request-milliseconds that putting them out costs. */
  readonly harm: number
}

/**
 * The set of residents that makes room for `target` at the least harm; none at all if there is room. Undefined: no set
 * does, for now. Tries every set of up to ten residents; of more, one that a greedy search finds.
 *
 * @param isForced for an overdue request: busy models and those still held are victims like any other.
 */
export function cheapestVictims(
  view: SwapView,
  target: WaitingModel,
  { isForced }: { readonly isForced: boolean },
): Victims | undefined {
  const name = target.model.name
  const hasRoom = (evict: readonly ResidentModel[]): boolean =>
    view.hasRoom({ target: name, evict: evict.map(({ model }) => model.name) })
  const judge = (evict: readonly ResidentModel[]): number | undefined => harmOf(evict, target, isForced)

  if (hasRoom([])) return { evict: [], harm: 0 }
  const candidates = view.residents
    .filter((resident) => isForced || resident.heldUntilMs <= view.nowMs)
    .filter(({ model }) => view.mayEvict({ target: name, victim: model.name }))
    .filter((resident) => judge([resident]) !== undefined)
  if (!hasRoom(candidates)) return undefined

  if (candidates.length > exhaustiveMax) {
    const evict = greedyVictims(cheapestPerByteFirst(candidates, target), hasRoom)
    const harm = evict && judge(evict)
    return evict && harm !== undefined ? { evict, harm } : undefined
  }
  return leastHarm(candidates, { hasRoom, judge })
}

const exhaustiveMax = 10

/** Depth first over the sets. More victims are never less harm, so a set that makes room or costs too much is not added to. */
function leastHarm(
  candidates: readonly ResidentModel[],
  {
    hasRoom,
    judge,
  }: {
    readonly hasRoom: (evict: readonly ResidentModel[]) => boolean
    readonly judge: (evict: readonly ResidentModel[]) => number | undefined
  },
): Victims | undefined {
  let best: Victims | undefined
  const extend = (evict: readonly ResidentModel[], from: number): void => {
    for (let index = from; index < candidates.length; index += 1) {
      const more = candidates[index]
      if (more === undefined) return
      const wider = [...evict, more]
      const harm = judge(wider)
      if (harm === undefined || (best !== undefined && !isLess({ evict: wider, harm }, best))) continue
      if (hasRoom(wider)) best = { evict: wider, harm }
      else extend(wider, index + 1)
    }
  }
  extend([], 0)
  return best
}

/** Of two sets that harm nobody, the one with fewer, and then the one that has been idle for longer, should go. */
function isLess(one: Victims, other: Victims): boolean {
  if (one.harm !== other.harm) return one.harm < other.harm
  if (one.evict.length !== other.evict.length) return one.evict.length < other.evict.length
  return lastUse(one) < lastUse(other)
}

function lastUse({ evict }: Victims): number {
  return Math.max(...evict.map(({ lastUsedAtMs }) => lastUsedAtMs))
}

function harmOf(evict: readonly ResidentModel[], target: WaitingModel, isForced: boolean): number | undefined {
  const away = awayMs(target, evict)
  let harm = 0
  for (const victim of evict) {
    const awayFor = away(victim)
    if (victim.running > 0 && !isForced && !isWorthDraining(target, victim, awayFor)) return undefined
    harm += harmTo(victim, awayFor)
  }
  return harm
}

function cheapestPerByteFirst(candidates: readonly ResidentModel[], target: WaitingModel): readonly ResidentModel[] {
  const costOf = (victim: ResidentModel): number =>
    harmTo(victim, awayMs(target, [victim])(victim)) / Math.max(1, totalBytes(victim))
  return candidates.toSorted((one, other) => costOf(one) - costOf(other) || one.lastUsedAtMs - other.lastUsedAtMs)
}

function totalBytes({ model }: ResidentModel): number {
  return Object.values(model.sizeBytes).reduce((sum, bytes) => sum + bytes, 0)
}
