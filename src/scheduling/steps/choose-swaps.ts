import { ripe } from '../policies/ripe.ts'
import type { SwapDecision, SwapView } from '../policies/swap-policy.ts'
import type { SchedulerState, Step } from '../state/scheduler-state.ts'
import { swapView } from '../swap-view.ts'
import { advanceSwaps } from './advance-swaps.ts'
import { closeModel } from './close-model.ts'

/** Asks the policy until it wants to wait. Each swap takes its target off the list, so that this ends. */
export function chooseSwaps(step: Step): void {
  const { state, nowMs } = step
  state.policyAskAtMs = Infinity
  for (let view = swapView(step); view.waiting.length > 0; view = swapView(step)) {
    const decision = decide(step, view)
    if (decision.kind === 'wait') {
      state.policyAskAtMs = Math.max(nowMs + askAgainMinMs, decision.askAgainAtMs ?? Infinity)
      return
    }
    beginSwap(step, decision)
    // What can start does so at once: beside one that loads may fit what would keep one that only comes from loading.
    advanceSwaps(step)
  }
}

/** However eager a policy is, it is not asked more often than this while nothing happens. */
const askAgainMinMs = 20

/** A policy may be the operator's own. Its mistakes are told and never carried out, and nobody waits for ever for them. */
function decide({ state, emit }: Step, view: SwapView): SwapDecision {
  const { policy } = state.settings
  try {
    const decision = policy.nextSwap(view)
    if (decision.kind === 'wait' || isPossible(decision, view)) return decision
    const { target, evict } = decision
    const message =
      `The swap policy ${policy.name} chose ${target} for [${evict.join(', ')}]. Expected a target that waits, victims ` +
      `that may be put out, and room for the target without them. The policy ${ripe.name} decides instead.`
    emit({ type: 'policyFailed', message })
  } catch (error) {
    const message = `The swap policy ${policy.name} failed, ${ripe.name} decides instead: ${String(error)}`
    emit({ type: 'policyFailed', message })
  }
  return ripe.nextSwap(view)
}

function isPossible({ target, evict }: Swap, view: SwapView): boolean {
  const isWaiting = view.waiting.some(({ model }) => model.name === target)
  const areResident = evict.every((name) => view.residents.some(({ model }) => model.name === name))
  const areOpen = evict.every((victim) => view.mayEvict({ target, victim }))
  return isWaiting && areResident && areOpen && view.hasRoom({ target, evict })
}

type Swap = Extract<SwapDecision, { kind: 'swap' }>

function beginSwap({ state, nowMs }: Step, { target, evict, isForced, because }: Swap): void {
  state.swaps = [...state.swaps, { target, evict: new Set(evict), decidedAtMs: nowMs, isForced, because }]
  for (const name of evict) {
    const victim = state.models.get(name)
    if (victim) closeModel(victim, { because: `makes room for ${target}: ${because}` })
  }
  if (evict.length > 0) state.isOverdueTurn = !isForced || evict.some((name) => hasOlder(state, name, target))
}

/**
 * Whoever waits for a slot of a model that is put out for a younger request has lost its place to it. The next turn is
 * for the overdue again, or a swap of any other kind could come between as well, and it would wait for three.
 */
function hasOlder({ models }: SchedulerState, victim: string, target: string): boolean {
  const [losing, winning] = [models.get(victim)?.queue.oldest(), models.get(target)?.queue.oldest()]
  return losing !== undefined && winning !== undefined && losing.sequence < winning.sequence
}
