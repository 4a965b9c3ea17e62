import { greedyVictims } from './greedy-victims.ts'
import type { ResidentModel, SwapPolicy, SwapView, WaitingModel } from './swap-policy.ts'

/**
 * Swaps in the order of arrival, with collation: the model whose oldest request came first is next, at once, for the
 * residents that have been idle for longest. While no set of residents makes room, the memory that comes free is kept
 * for it. Nobody starves, and a busy model is put out again and again.
 */
export const fifo: SwapPolicy = {
  name: 'fifo',
  nextSwap(view) {
    const target = view.waiting.toSorted((one, other) => one.oldestSequence - other.oldestSequence)[0]
    if (target === undefined) return { kind: 'wait' }
    const evict = leastRecentlyUsed(view, target)
    if (evict === undefined) return waitForHeld(view)
    return {
      kind: 'swap',
      target: target.model.name,
      evict: evict.map(({ model }) => model.name),
      isForced: false,
      because: evict.length === 0 ? 'there is room' : 'its oldest request came first',
    }
  },
}

function leastRecentlyUsed(view: SwapView, target: WaitingModel): readonly ResidentModel[] | undefined {
  const name = target.model.name
  const candidates = view.residents
    .filter(({ heldUntilMs }) => heldUntilMs <= view.nowMs || target.dueAtMs <= view.nowMs)
    .filter(({ model }) => view.mayEvict({ target: name, victim: model.name }))
    .toSorted(idlestFirst)
  return greedyVictims(candidates, (evict) =>
    view.hasRoom({ target: name, evict: evict.map(({ model }) => model.name) }),
  )
}

function idlestFirst(one: ResidentModel, other: ResidentModel): number {
  return one.evictCost - other.evictCost || one.running - other.running || one.lastUsedAtMs - other.lastUsedAtMs
}

/** A model that is held becomes a victim without an event. */
function waitForHeld({ residents, nowMs }: SwapView): ReturnType<SwapPolicy['nextSwap']> {
  const held = residents.map(({ heldUntilMs }) => heldUntilMs).filter((untilMs) => untilMs > nowMs)
  return held.length === 0 ? { kind: 'wait' } : { kind: 'wait', askAgainAtMs: Math.min(...held) }
}
