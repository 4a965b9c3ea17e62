import { cheapestVictims } from './cheapest-victims.ts'
import type { VictimSearch } from './cheapest-victims.ts'
import { batchMs } from './expected-times.ts'
import type { SwapDecision, SwapPolicy, SwapView, WaitingModel } from './swap-policy.ts'

/**
 * The default. A model is brought in when the waiting that its queue has done outweighs the waiting that the swap would
 * cause, at the latest when a request has waited `maxWaitMs`.
 *
 *  1. Queues are looked at in the order of waiting done for each second that serving them takes.
 *  2. The oldest overdue request is looked at before all others, if the last swap that put a model out was for another
 *     reason; else after them. So at least every second such swap is for an overdue request, whatever the harm.
 *  3. No set of residents makes room: the next queue, unless it is the overdue request's turn. Then nobody else gets the
 *     memory that comes free next.
 *  4. The victims are those of least harm; it goes if forced, or if waited + 1/(2 rate) >= harm. The second term is the
 *     credit of the rare: to hold back a model that is seldom asked for gathers no company.
 *  5. Otherwise ask again when the waiting may have caught up with the harm.
 */
export const ripe: SwapPolicy = {
  name: 'ripe',
  nextSwap(view) {
    const overdue = oldestOverdue(view)
    const ordered = view.waiting.toSorted((one, other) => reward(other) - reward(one)) // 1
    const turns = ordered.map((target) => ({ target, isForced: false }))
    if (overdue) turns[view.isOverdueTurn ? 'unshift' : 'push']({ target: overdue, isForced: true }) // 2

    let askAgainAtMs = view.nowMs + askAgainMaxMs
    for (const { target, isForced } of turns) {
      const value = target.waitedMs + rarityCredit(target)
      const victims = cheapestVictims(view, target, { isForced, harmMax: isForced ? Infinity : value })
      if (victims.kind === 'found') return swapFor({ view, target, victims, isForced, value }) // 4
      if (victims.kind === 'too-harmful') {
        const catchUpMs = (victims.harm - value) / target.queuedWeight
        askAgainAtMs = Math.min(askAgainAtMs, view.nowMs + Math.max(askAgainMinMs, catchUpMs)) // 5
      } else if (isForced && view.isOverdueTurn) return { kind: 'wait' } // 3
    }
    return view.waiting.length === 0 ? { kind: 'wait' } : { kind: 'wait', askAgainAtMs }
  },
}

/** Harm changes while nothing happens: rates fall. A second is soon enough to notice. */
const askAgainMaxMs = 1_000
const askAgainMinMs = 50

function oldestOverdue({ waiting, nowMs }: SwapView): WaitingModel | undefined {
  const overdue = waiting.filter(({ dueAtMs }) => dueAtMs <= nowMs)
  return overdue.toSorted((one, other) => one.dueAtMs - other.dueAtMs || one.oldestSequence - other.oldestSequence)[0]
}

function reward(waiting: WaitingModel): number {
  return waiting.waitedMs / (waiting.loadMs + batchMs(waiting))
}

/** Half of the mean time between arrivals, as often as its requests weigh. A model that nobody ever asked for has none. */
function rarityCredit({ rate, queuedWeight, queued }: WaitingModel): number {
  return rate === 0 ? 0 : queuedWeight / queued / (2 * rate)
}

function swapFor({
  view,
  target,
  victims,
  isForced,
  value,
}: {
  readonly view: SwapView
  readonly target: WaitingModel
  readonly victims: Extract<VictimSearch, { kind: 'found' }>
  readonly isForced: boolean
  readonly value: number
}): SwapDecision {
  return {
    kind: 'swap',
    target: target.model.name,
    evict: victims.evict.map(({ model }) => model.name),
    isForced,
    because: reasonFor(),
  }

  function reasonFor(): string {
    if (victims.evict.length === 0) return 'there is room'
    if (isForced) return `its oldest request has waited ${seconds(view.nowMs - target.oldestArrivedAtMs)} s`
    return `waiting is worth ${seconds(value)} request-seconds, harm ${seconds(victims.harm)}`
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
