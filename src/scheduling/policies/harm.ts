import { batchMs, drainMs } from './expected-times.ts'
import type { ResidentModel, WaitingModel } from './swap-policy.ts'

/** How long each of `evict` could not be used if `target` came in for them: from now until it has been loaded again. */
export function awayMs(target: WaitingModel, evict: readonly ResidentModel[]): (victim: ResidentModel) => number {
  const drained = Math.max(0, ...evict.map(drainMs))
  const stopped = Math.max(0, ...evict.map(({ stopMs }) => stopMs))
  const used = drained + stopped + target.loadMs + batchMs(target) + target.stopMs
  return (victim) => used + victim.loadMs
}

/** Request-milliseconds of waiting that a victim's own requests would have: those queued, and those to be expected. */
export function harmTo(victim: ResidentModel, away: number): number {
  return victim.evictCost * (victim.queuedWeight * away + (victim.weightedRate * away * away) / 2)
}

/**
 * Whether closing a busy victim costs less than leaving it open until it falls idle by itself. At an offered load rho
 * that takes about its drain time × e^rho. Waiting for it costs those queued for the target (e^rho - 1) drains; closing
 * it costs its own arrivals one drain, each for as long as it is away. The drain time cancels out.
 */
export function isWorthDraining(target: WaitingModel, victim: ResidentModel, away: number): boolean {
  const rho = Math.min(rhoMax, victim.rate * victim.serviceMs)
  return victim.weightedRate * away < target.queuedWeight * Math.expm1(rho)
}

/** A model with a load of five or more never falls idle by itself; the bound keeps e^rho a sensible number. */
const rhoMax = 5
