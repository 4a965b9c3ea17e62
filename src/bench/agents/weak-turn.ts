import type { Script } from '../../sim/engine-options.ts'
import type { AgentTask, PlannedCall, TaskKind } from './agent-task.ts'

/** One thing that small models do, on one task. */
export interface WeakHabit {
  readonly weakness: string
  readonly habit: string
  readonly task: TaskKind
  readonly turn: (moment: WeakMoment) => Script
}

/** All that the model goes by: it remembers nothing. */
export interface WeakMoment {
  /** What it would do now if it were strong; absent: answer. */
  readonly next: PlannedCall | undefined
  /** What it has done. */
  readonly done: readonly PlannedCall[]
  /** Every text of the request. */
  readonly seen: string
  /** Names of the tools that it is offered. */
  readonly offered: readonly string[]
  /** What it would say. */
  readonly answer: string
}

/** What the model does with a task when it has this habit, seeing this request and nothing else. */
export function weakTurn({ turn }: WeakHabit, task: AgentTask, request: Pick<WeakMoment, 'seen' | 'offered'>): Script {
  const { seen } = request
  const isDone = ({ evidence }: PlannedCall): boolean => seen.includes(evidence)
  return turn({
    ...request,
    next: task.plan.find((call) => !isDone(call)),
    done: task.plan.filter(isDone),
    answer: task.answer(seen),
  })
}

/** As a strong model would. */
export function strong({ next, answer }: WeakMoment): Script {
  return next === undefined ? { content: answer } : call(next)
}

/** Calls, but not as it should. */
export function badly(
  change: (planned: PlannedCall) => { readonly name?: string; readonly arguments?: unknown },
): WeakHabit['turn'] {
  return (moment) => {
    const { next } = moment
    return next === undefined ? strong(moment) : { toolCalls: [{ ...next, ...change(next) }] }
  }
}

export function call({ name, arguments: args }: Pick<PlannedCall, 'name' | 'arguments'>): Script {
  return { toolCalls: [{ name, arguments: args }] }
}

/** Told that this leads nowhere. */
export function isTold(seen: string): boolean {
  return /do something else/i.test(seen)
}
