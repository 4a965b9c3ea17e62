import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { InstanceEvent, InstanceReport, InstanceState } from '../../../src/lifecycle/instance/instance-state.ts'
import type { LaunchFailure } from '../../../src/lifecycle/instance/launch-failure.ts'
import { nextState } from '../../../src/lifecycle/instance/next-state.ts'

const failure: LaunchFailure = {
  code: 'exited',
  cause: 'The engine ended by itself.',
  evidence: '',
  advice: '',
  isTransient: true,
  lines: [],
}

const startWanted = { type: 'start-wanted' } as const
const stopWanted = { type: 'stop-wanted', isUrgent: false } as const
const sleepWanted = { type: 'sleep-wanted' } as const
const gone = { type: 'gone' } as const
const exited = { type: 'exited', failure } as const

/** The state after these events, with all that was done and told on the way. */
function run(events: readonly InstanceEvent[], from: InstanceState = { phase: 'stopped' }) {
  let state = from
  const actions: string[] = []
  const reports: InstanceReport['type'][] = []
  for (const event of events) {
    const next = nextState(state, event)
    state = next.state
    if (next.action !== undefined) actions.push(next.action)
    if (next.report !== undefined) reports.push(next.report.type)
  }
  return { state, actions, reports }
}

const toReady = [startWanted, { type: 'spawned' }, { type: 'answered' }] as const

describe('the life of an instance', () => {
  test('from stopped to ready and back', () => {
    expect(run([...toReady, stopWanted, { type: 'drained' }, gone])).toEqual({
      state: { phase: 'stopped' },
      actions: ['launch', 'await-ready', 'drain', 'end'],
      reports: ['loaded', 'stopped'],
    })
  })

  test('a crash is told when everything of it is gone', () => {
    expect(run([...toReady, exited])).toMatchObject({ state: { phase: 'stopping' }, reports: ['loaded'] })
    expect(run([...toReady, exited, gone])).toMatchObject({
      state: { phase: 'failed', failure },
      reports: ['loaded', 'crashed'],
    })
  })

  test('an exit while it loads is a load that failed', () => {
    expect(run([startWanted, { type: 'spawned' }, exited, gone]).reports).toEqual(['load-failed'])
  })

  test('a start that is wanted during a stop follows it, after the stop was told', () => {
    const { state, actions, reports } = run([...toReady, stopWanted, { type: 'drained' }, startWanted, gone])
    expect(state.phase).toBe('starting')
    expect(actions.slice(-2)).toEqual(['end', 'launch'])
    expect(reports).toEqual(['loaded', 'stopped'])
  })

  test('a start wanted while it drains is remembered over the stop', () => {
    expect(run([...toReady, stopWanted, startWanted, { type: 'drained' }, gone]).state.phase).toBe('starting')
  })

  test('an urgent stop waits for nobody', () => {
    expect(run([...toReady, { type: 'stop-wanted', isUrgent: true }]).actions.at(-1)).toBe('end')
    expect(run([...toReady, stopWanted, { type: 'stop-wanted', isUrgent: true }]).actions.at(-1)).toBe('end')
  })

  test('sleeping frees the memory and waking brings it back', () => {
    const asleep = [...toReady, sleepWanted, { type: 'drained' }, { type: 'fell-asleep' }] as const
    expect(run(asleep)).toMatchObject({ state: { phase: 'sleeping' }, reports: ['loaded', 'stopped'] })
    expect(run([...asleep, startWanted, { type: 'answered' }])).toEqual({
      state: { phase: 'ready' },
      actions: ['launch', 'await-ready', 'drain', 'fall-asleep', 'wake'],
      reports: ['loaded', 'stopped', 'loaded'],
    })
  })

  test('one that cannot sleep is stopped, so that its memory comes back', () => {
    const failed = [...toReady, sleepWanted, { type: 'drained' }, { type: 'sleep-failed' }, gone] as const
    expect(run(failed)).toMatchObject({ state: { phase: 'stopped' }, reports: ['loaded', 'stopped'] })
  })

  test('one that ends in its sleep is missed by nobody', () => {
    const ended = [...toReady, sleepWanted, { type: 'drained' }, { type: 'fell-asleep' }, exited, gone] as const
    expect(run(ended).reports).toEqual(['loaded', 'stopped', 'stopped'])
  })
})

const wishes: readonly InstanceEvent[] = [startWanted, stopWanted, { type: 'stop-wanted', isUrgent: true }, sleepWanted]
const outcomes: readonly InstanceEvent[] = [
  { type: 'spawned' },
  { type: 'answered' },
  { type: 'load-failed', failure },
  exited,
  { type: 'drained' },
  { type: 'fell-asleep' },
  { type: 'sleep-failed' },
  gone,
]

/** How each action may end. */
const endings = {
  launch: [{ type: 'spawned' }, { type: 'load-failed', failure }],
  'await-ready': [{ type: 'answered' }, { type: 'load-failed', failure }, exited],
  wake: [{ type: 'answered' }, { type: 'load-failed', failure }, exited],
  drain: [{ type: 'drained' }, exited],
  'fall-asleep': [{ type: 'fell-asleep' }, { type: 'sleep-failed' }, exited],
  end: [gone],
} as const satisfies Record<string, readonly InstanceEvent[]>

describe('whatever happens', () => {
  test('any event in any order leaves a state that is in the table', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...wishes, ...outcomes)), (events) => {
        expect(run(events).state.phase).toMatch(/^(stopped|starting|loading|ready|draining|sleeping|stopping|failed)$/)
      }),
    )
  })

  test('when every action ends and the last wish is a start, it is ready, or has failed and said so', () => {
    fc.assert(
      fc.property(steps(), (steps) => {
        const { phase, reports } = play([...steps, { wish: startWanted, choice: 0 }])
        expect([phase, reports.at(-1)]).toBeOneOf([
          ['ready', 'loaded'],
          ['failed', 'load-failed'],
          ['failed', 'crashed'],
        ])
      }),
    )
  })

  test('when the last wish is a stop, its memory is free and that was told', () => {
    fc.assert(
      fc.property(steps(), (steps) => {
        const { phase, reports } = play([...steps, { wish: stopWanted, choice: 0 }])
        expect([phase, reports.at(-1)]).toBeOneOf([
          ['stopped', 'stopped'],
          ['failed', 'load-failed'],
          ['failed', 'crashed'],
        ])
      }),
    )
  })

  test('between two processes there is always an end: never two at a time', () => {
    fc.assert(
      fc.property(steps(), (steps) => {
        const { actions } = play(steps)
        const lives = actions.filter((action) => action === 'launch' || action === 'end')
        expect(lives).toEqual(lives.map((_, index) => (index % 2 === 0 ? 'launch' : 'end')))
      }),
    )
  })
})

interface Step {
  /** Comes before the action under way ends. */
  readonly wish?: InstanceEvent
  /** Which of its endings the action has. */
  readonly choice: number
}

function steps(): fc.Arbitrary<readonly Step[]> {
  return fc.array(
    fc.record({ wish: fc.constantFrom(...wishes), choice: fc.nat({ max: 2 }) }, { requiredKeys: ['choice'] }),
    { maxLength: 40 },
  )
}

/** Plays wishes against an effect layer that ends every action, at last by its first ending. */
function play(steps: readonly Step[]) {
  let state: InstanceState = { phase: 'stopped' }
  let underWay: keyof typeof endings | undefined
  const actions: string[] = []
  const reports: string[] = []
  const send = (event: InstanceEvent): void => {
    const next = nextState(state, event)
    state = next.state
    if (next.action !== undefined) {
      underWay = next.action
      actions.push(next.action)
    }
    if (next.report !== undefined) reports.push(next.report.type)
  }
  const endAction = (choice: number): void => {
    if (underWay === undefined) return
    const possible: readonly InstanceEvent[] = endings[underWay]
    underWay = undefined
    send(possible[choice % possible.length] ?? gone)
  }
  for (const { wish, choice } of steps) {
    if (wish !== undefined) send(wish)
    if (choice > 0) endAction(choice)
  }
  // No chain of actions is longer: drain, sleep, wake, or an end and a start.
  for (let count = 0; count < 20; count++) endAction(0)
  expect(underWay).toBeUndefined()
  return { phase: state.phase, actions, reports }
}
