import type { FailureCause } from '../core/backend.ts'
import { judgeFailure } from './judge-failure.ts'

/**
 * The circuit breaker of one model on one backend, as a state machine without clock or timer.
 *
 * | phase       | lets requests through                                                                     |
 * | ----------- | ----------------------------------------------------------------------------------------- |
 * | `closed`    | all                                                                                       |
 * | `held`      | none until the time the backend itself asked for (`Retry-After`), then all                |
 * | `open`      | none until `untilMs`, then the first as a trial                                           |
 * | `half-open` | none while the trial is out; it ends with its outcome, with its client, or at its deadline |
 *
 * A success closes it from every phase, whoever had it: the trial, a request that was sent before it opened, an
 * inference made as a check. So it cannot stay shut by shutting out the very call that would open it. Status checks
 * never ask it.
 *
 * The first byte of a reply lets everyone through again, for the rest may take minutes; but only a whole reply clears
 * the record. Else an engine that begins each reply and dies in the middle of it would never be noticed.
 *
 * Times are monotonic milliseconds. A state is a plain value; the caller owns it and keeps one for each pair.
 */
export type BreakerState =
  | ({ readonly phase: 'closed'; readonly cause?: FailureCause } & Counts)
  | ({ readonly phase: 'held' } & Shut & Counts)
  | ({ readonly phase: 'open'; readonly openings: number } & Shut)
  | {
      readonly phase: 'half-open'
      readonly openings: number
      readonly cause: FailureCause
      /** Id of the request that holds the door. */
      readonly trial: string
      /** From here on the trial counts as lost and another may go. */
      readonly trialUntilMs: number
    }

interface Counts {
  /** Counted failures since the last whole reply. */
  readonly failures: number
  /** How often it opened since the last whole reply. */
  readonly openings: number
}

interface Shut {
  /** The last failure that speaks for keeping it shut. */
  readonly cause: FailureCause
  readonly untilMs: number
  /** When a request that has no other candidate is let through: at most `openForMs` after the last failure. */
  readonly lastResortAtMs: number
}

export interface BreakerSettings {
  /** Counted failures in a row that open it. */
  readonly failures: number
  /** First time that it stays open; doubles with each trial that fails, up to `openForMaxMs`. */
  readonly openForMs: number
  /** Longest time one trial holds the door; the time limit for a first byte is the natural choice. */
  readonly trialMaxMs: number
}

/**
 * `requestId` ties an outcome to the trial: only the trial's own failure opens the breaker again, and only the trial
 * can hand its permit back.
 */
export type BreakerEvent =
  | { readonly type: 'sent'; readonly requestId: string; readonly nowMs: number }
  /** The first byte of a good reply. */
  | { readonly type: 'replied' }
  /** A whole reply, or a successful inference made as a check. */
  | { readonly type: 'succeeded'; readonly nowMs: number }
  | {
      readonly type: 'failed'
      readonly requestId: string
      readonly nowMs: number
      readonly cause: FailureCause
      readonly retryAfterMs?: number
    }
  /** The client left before the reply was whole. */
  | { readonly type: 'lost'; readonly requestId: string; readonly nowMs: number }

/** Longest time a breaker stays shut without a new failure, whatever was doubled or asked for, unless configured longer. */
export const openForMaxMs = 300_000

/** Where every breaker begins and where success leads back to, always the same object: an owner need not keep it. */
export const closedBreaker: BreakerState = Object.freeze({ phase: 'closed', failures: 0, openings: 0 })

export function breakerAfter(state: BreakerState, event: BreakerEvent, settings: BreakerSettings): BreakerState {
  switch (event.type) {
    case 'sent':
      return afterSent(state, event, settings)
    case 'replied':
      return afterReplied(state, settings)
    case 'succeeded':
      return afterSuccess(state, event.nowMs)
    case 'failed':
      return afterFailure(state, event, settings)
    case 'lost':
      return isTrial(state, event.requestId) ? withoutTrial(state, event.nowMs) : state
  }
}

/** Whether a request may go. The caller sends it, and reports `sent`, before anything else may ask. */
export function admits(state: BreakerState, nowMs: number): boolean {
  if (state.phase === 'closed') return true
  return nowMs >= (state.phase === 'half-open' ? state.trialUntilMs : state.untilMs)
}

/**
 * Whether a request may go that has no other candidate. Somebody with a single backend must not be locked out for
 * minutes because a few requests failed: the door is then shut for `openForMs` and no longer.
 */
export function admitsAsLastResort(state: BreakerState, nowMs: number): boolean {
  return admittedInMs(state, nowMs) === 0
}

/** Milliseconds until a request without another candidate may go: up to `openForMs`, or as long as a trial may be out. */
export function admittedInMs(state: BreakerState, nowMs: number): number {
  if (state.phase === 'closed') return 0
  return Math.max(0, (state.phase === 'half-open' ? state.trialUntilMs : state.lastResortAtMs) - nowMs)
}

type EventOf<Type extends BreakerEvent['type']> = Extract<BreakerEvent, { type: Type }>
type StateIn<Phase extends BreakerState['phase']> = Extract<BreakerState, { phase: Phase }>

function afterSent(state: BreakerState, event: EventOf<'sent'>, settings: BreakerSettings): BreakerState {
  // A request beside a trial that still holds the door is one that does not ask the breaker; it takes nothing over.
  if (state.phase === 'half-open' && event.nowMs < state.trialUntilMs) return state
  if (state.phase === 'closed' || state.phase === 'held') return settled(state, event.nowMs)
  return {
    phase: 'half-open',
    openings: state.openings,
    cause: state.cause,
    trial: event.requestId,
    trialUntilMs: event.nowMs + settings.trialMaxMs,
  }
}

/** All may go, but the next failure opens it again, for longer. */
function afterReplied(state: BreakerState, settings: BreakerSettings): BreakerState {
  if (state.phase === 'closed' || state.phase === 'held') return state
  return { phase: 'closed', failures: settings.failures - 1, openings: state.openings, cause: state.cause }
}

function afterSuccess(state: BreakerState, nowMs: number): BreakerState {
  // `Retry-After` is the backend's word on new requests; one that was already running proves nothing against it.
  if (state.phase === 'held' && nowMs < state.untilMs) return { ...state, failures: 0, openings: 0 }
  return closedBreaker
}

function afterFailure(state: BreakerState, event: EventOf<'failed'>, settings: BreakerSettings): BreakerState {
  const { countsForBreaker } = judgeFailure(event.cause)
  switch (state.phase) {
    case 'closed':
    case 'held': {
      const failures = state.failures + (countsForBreaker ? 1 : 0)
      if (failures >= settings.failures && countsForBreaker) return opened(state, event, settings)
      const { openings } = state
      if (event.retryAfterMs !== undefined) {
        return { phase: 'held', failures, openings, ...shutFor(0, state, event, settings) }
      }
      if (!countsForBreaker) return state
      return state.phase === 'held'
        ? { ...state, failures }
        : { phase: 'closed', failures, openings, cause: event.cause }
    }
    case 'open':
      // Requests that were sent before it opened fail in a bunch; they must not double the time once each.
      if (event.retryAfterMs === undefined) return state
      return { ...state, ...shutFor(0, state, event, settings) }
    case 'half-open':
      if (!isTrial(state, event.requestId)) return state
      if (countsForBreaker) return opened(state, event, settings)
      if (event.retryAfterMs === undefined) return withoutTrial(state, event.nowMs)
      return { phase: 'open', openings: state.openings, ...shutFor(0, state, event, settings) }
  }
}

function settled(state: StateIn<'closed' | 'held'>, nowMs: number): BreakerState {
  if (state.phase === 'closed' || nowMs < state.untilMs) return state
  const { failures, openings, cause } = state
  return failures + openings === 0 ? closedBreaker : { phase: 'closed', failures, openings, cause }
}

function isTrial(state: BreakerState, requestId: string): state is StateIn<'half-open'> {
  return state.phase === 'half-open' && state.trial === requestId
}

/** The trial told nothing: the next request is one, at once. */
function withoutTrial(state: StateIn<'half-open'>, nowMs: number): BreakerState {
  const { openings, cause } = state
  return { phase: 'open', openings, cause, untilMs: nowMs, lastResortAtMs: nowMs }
}

function opened(before: BreakerState, event: EventOf<'failed'>, settings: BreakerSettings): BreakerState {
  const openings = before.openings + 1
  const doubledMs = Math.min(settings.openForMs * 2 ** (openings - 1), openForMaxMs)
  const forMs = Math.max(settings.openForMs, doubledMs)
  return { phase: 'open', openings, ...shutFor(forMs, before, event, settings) }
}

/** Shut for `forMs` or as long as the backend asks, whichever is later; never sooner than it already was. */
function shutFor(forMs: number, before: BreakerState, event: EventOf<'failed'>, settings: BreakerSettings): Shut {
  const askedMs = Math.min(Math.max(0, event.retryAfterMs ?? 0), openForMaxMs)
  const shutMs = Math.max(forMs, askedMs)
  const wasShut = before.phase === 'open' || before.phase === 'held'
  return {
    cause: event.cause,
    untilMs: Math.max(event.nowMs + shutMs, wasShut ? before.untilMs : 0),
    lastResortAtMs: Math.max(event.nowMs + Math.min(shutMs, settings.openForMs), wasShut ? before.lastResortAtMs : 0),
  }
}
