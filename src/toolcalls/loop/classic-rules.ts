import type { LoopFinding } from './loop-finding.ts'
import type { LoopOptions } from './loop-options.ts'
import { callKeyOf, type ToolStep } from './tool-step.ts'

/** The same tool with the same arguments so many times in a row, or so many rounds of calls in all. */
export function classicFinding(
  steps: readonly ToolStep[],
  { repeatThreshold, maxTurns }: LoopOptions,
): LoopFinding | undefined {
  const calls = steps.flatMap(({ round }) => round.calls)
  const last = calls.at(-1)
  if (last === undefined) return undefined
  const key = callKeyOf(last)
  let count = 1
  while (count < calls.length) {
    const before = calls[calls.length - 1 - count]
    if (before?.name !== last.name || callKeyOf(before) !== key) break
    count++
  }
  if (count >= repeatThreshold) return found('same-call', count, repeatThreshold, last.name)
  return steps.length >= maxTurns ? found('turn-cap', steps.length, maxTurns, last.name) : undefined
}

function found(rule: LoopFinding['rule'], count: number, threshold: number, tool: string): LoopFinding {
  return { rule, count, threshold, excess: count - threshold, tools: [tool] }
}
