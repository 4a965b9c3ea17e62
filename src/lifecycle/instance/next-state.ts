import type { InstanceAction, InstanceEvent, InstanceReport, InstanceState, Outcome } from './instance-state.ts'

export interface Transition {
  readonly state: InstanceState
  readonly action?: InstanceAction
  readonly report?: InstanceReport
}

/**
 * What follows from an event. Total: an event that means nothing in a state, such as the answer to something long given
 * up, changes nothing. Every start that is wanted is reported as `loaded`, `load-failed` or `stopped`, and every stop
 * as `stopped` (or as the crash that came first).
 */
export function nextState(state: InstanceState, event: InstanceEvent): Transition {
  switch (state.phase) {
    case 'stopped':
    case 'failed':
      return whileDown(state, event)
    case 'starting':
      return whileStarting(state, event)
    case 'loading':
      return whileLoading(state, event)
    case 'ready':
      return whileReady(state, event)
    case 'draining':
      return whileDraining(state, event)
    case 'sleeping':
      return whileSleeping(state, event)
    case 'stopping':
      return whileStopping(state, event)
  }
}

type In<Phase extends InstanceState['phase']> = Extract<InstanceState, { readonly phase: Phase }>

const stopped = { type: 'stopped' } as const
const asleep = { type: 'stopped', isAsleep: true } as const

function whileDown(state: In<'stopped' | 'failed'>, event: InstanceEvent): Transition {
  if (event.type === 'start-wanted') return { state: { phase: 'starting' }, action: 'launch' }
  if (event.type === 'stop-wanted' || event.type === 'sleep-wanted') {
    return { state: { phase: 'stopped' }, report: stopped }
  }
  return { state }
}

function whileStarting(state: In<'starting'>, event: InstanceEvent): Transition {
  switch (event.type) {
    case 'spawned':
      return { state: { phase: 'loading', from: 'start' }, action: 'await-ready' }
    case 'load-failed':
    case 'exited':
      return end({ type: 'load-failed', failure: event.failure })
    case 'stop-wanted':
    case 'sleep-wanted':
      return end(stopped)
    default:
      return { state }
  }
}

function whileLoading(state: In<'loading'>, event: InstanceEvent): Transition {
  switch (event.type) {
    case 'answered':
      return { state: { phase: 'ready' }, report: { type: 'loaded' } }
    case 'load-failed':
    case 'exited':
      return end({ type: 'load-failed', failure: event.failure })
    // What has loaded in part cannot be put to sleep.
    case 'stop-wanted':
    case 'sleep-wanted':
      return end(stopped)
    default:
      return { state }
  }
}

function whileReady(state: In<'ready'>, event: InstanceEvent): Transition {
  switch (event.type) {
    case 'start-wanted':
      return { state, report: { type: 'loaded' } }
    case 'stop-wanted':
      return event.isUrgent ? end(stopped) : drain('stop')
    case 'sleep-wanted':
      return drain('sleep')
    case 'exited':
      return end({ type: 'crashed', failure: event.failure })
    default:
      return { state }
  }
}

function whileDraining(state: In<'draining'>, event: InstanceEvent): Transition {
  switch (event.type) {
    case 'drained':
      if (state.aim === 'stop') return end(stopped, state)
      return { state: { ...state, phase: 'sleeping', isAsleep: false }, action: 'fall-asleep' }
    case 'start-wanted':
      return { state: { ...state, isWantedAgain: true } }
    case 'stop-wanted':
      return event.isUrgent ? end(stopped) : { state: { ...state, aim: 'stop', isWantedAgain: false } }
    case 'sleep-wanted':
      return { state: { ...state, isWantedAgain: false } }
    case 'exited':
      return end({ type: 'crashed', failure: event.failure }, state)
    default:
      return { state }
  }
}

function whileSleeping(state: In<'sleeping'>, event: InstanceEvent): Transition {
  switch (event.type) {
    case 'fell-asleep':
      if (state.isWantedAgain) return { ...wake, report: asleep }
      return { state: { ...state, isAsleep: true }, report: asleep }
    case 'start-wanted':
      return state.isAsleep ? wake : { state: { ...state, isWantedAgain: true } }
    case 'sleep-wanted':
      return state.isAsleep ? { state, report: asleep } : { state: { ...state, isWantedAgain: false } }
    // Its memory has to come back all the same.
    case 'sleep-failed':
      return end(stopped, state)
    case 'stop-wanted':
      return end(stopped)
    // Nobody was served by it, and nobody misses it: the next start is an ordinary one.
    case 'exited':
      return end(stopped, state)
    default:
      return { state }
  }
}

function whileStopping(state: In<'stopping'>, event: InstanceEvent): Transition {
  switch (event.type) {
    case 'start-wanted':
      return { state: { ...state, isWantedAgain: true } }
    case 'stop-wanted':
    case 'sleep-wanted':
      return { state: { ...state, isWantedAgain: false } }
    case 'gone':
      return afterStop(state)
    default:
      return { state }
  }
}

function afterStop({ outcome, isWantedAgain }: In<'stopping'>): Transition {
  if (isWantedAgain) return { state: { phase: 'starting' }, action: 'launch', report: outcome }
  if (outcome.type === 'stopped') return { state: { phase: 'stopped' }, report: outcome }
  return { state: { phase: 'failed', failure: outcome.failure }, report: outcome }
}

const wake: Transition = { state: { phase: 'loading', from: 'sleep' }, action: 'wake' }

function drain(aim: 'stop' | 'sleep'): Transition {
  return { state: { phase: 'draining', aim, isWantedAgain: false }, action: 'drain' }
}

function end(outcome: Outcome, { isWantedAgain } = { isWantedAgain: false }): Transition {
  return { state: { phase: 'stopping', outcome, isWantedAgain }, action: 'end' }
}
