import { greedyVictims } from './greedy-victims.ts'
import { awayMs, harmTo, isWorthDraining } from './harm.ts'
import type { ResidentModel, SwapView, WaitingModel } from './swap-policy.ts'

export type VictimSearch =
  /** The set of least harm, in weighted request-milliseconds; nobody and no harm where there is room. */
  | { readonly kind: 'found'; readonly evict: readonly ResidentModel[]; readonly harm: number }
  /** Sets that make room, if there are any, harm more than allowed: at least so much. */
  | { readonly kind: 'too-harmful'; readonly harm: number }
  /** No set makes room, for now. */
  | { readonly kind: 'no-room' }

export interface VictimLimits {
  /** For an overdue request: busy models and those still held are victims like any other. */
  readonly isForced: boolean
  /** A set that harms more is not looked for, which spares most of the search while nothing is worth it. */
  readonly harmMax: number
}

/**
 * The set of residents that makes room for `target` at the least harm. Tries every set of up to ten residents; of more,
 * one that a greedy search finds.
 */
export function cheapestVictims(view: SwapView, target: WaitingModel, limits: VictimLimits): VictimSearch {
  const hasRoom = (evict: readonly ResidentModel[]): boolean =>
    view.hasRoom({ target: target.model.name, evict: evict.map(({ model }) => model.name) })
  const harmOf = (evict: readonly ResidentModel[]): number => harmOrInfinity(evict, target, limits)

  if (hasRoom([])) return { kind: 'found', evict: [], harm: 0 }
  const candidates = possibleVictims(view, target, limits).filter((victim) => harmOf([victim]) < Infinity)
  if (!hasRoom(candidates)) return { kind: 'no-room' }
  if (candidates.length <= exhaustiveMax) return leastHarm(candidates, { hasRoom, harmOf, harmMax: limits.harmMax })
  return greedily(cheapestPerByteFirst(candidates, target), { hasRoom, harmOf, harmMax: limits.harmMax })
}

const exhaustiveMax = 10

function possibleVictims(view: SwapView, { model: target }: WaitingModel, { isForced }: VictimLimits) {
  return view.residents.filter(
    ({ model, heldUntilMs }) =>
      (isForced || heldUntilMs <= view.nowMs) && view.mayEvict({ target: target.name, victim: model.name }),
  )
}

interface Search {
  readonly hasRoom: (evict: readonly ResidentModel[]) => boolean
  readonly harmOf: (evict: readonly ResidentModel[]) => number
  readonly harmMax: number
}

/** Depth first. More victims are never less harm, so a set that makes room, or harms too much, is not added to. */
function leastHarm(candidates: readonly ResidentModel[], { hasRoom, harmOf, harmMax }: Search): VictimSearch {
  let best: Victims | undefined
  let leastAbove = Infinity
  extend([], 0)
  if (best !== undefined) return { kind: 'found', ...best }
  return leastAbove < Infinity ? { kind: 'too-harmful', harm: leastAbove } : { kind: 'no-room' }

  function extend(evict: readonly ResidentModel[], from: number): void {
    for (const [offset, more] of candidates.slice(from).entries()) {
      const wider = [...evict, more]
      const harm = harmOf(wider)
      if (harm === Infinity) continue
      if (harm > harmMax) leastAbove = Math.min(leastAbove, harm)
      else if (best === undefined || isLess({ evict: wider, harm }, best)) {
        if (hasRoom(wider)) best = { evict: wider, harm }
        else extend(wider, from + offset + 1)
      }
    }
  }
}

function greedily(ordered: readonly ResidentModel[], { hasRoom, harmOf, harmMax }: Search): VictimSearch {
  const evict = greedyVictims(ordered, hasRoom)
  const harm = evict === undefined ? Infinity : harmOf(evict)
  if (evict === undefined || harm === Infinity) return { kind: 'no-room' }
  return harm > harmMax ? { kind: 'too-harmful', harm } : { kind: 'found', evict, harm }
}

interface Victims {
  readonly evict: readonly ResidentModel[]
  readonly harm: number
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

/** Infinite where it holds a busy model that is better left to fall idle by itself. */
function harmOrInfinity(
  evict: readonly ResidentModel[],
  target: WaitingModel,
  { isForced }: Pick<VictimLimits, 'isForced'>,
): number {
  const away = awayMs(target, evict)
  let harm = 0
  for (const victim of evict) {
    const awayFor = away(victim)
    if (victim.running > 0 && !isForced && !isWorthDraining(target, victim, awayFor)) return Infinity
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
