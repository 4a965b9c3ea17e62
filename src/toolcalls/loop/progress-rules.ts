import { createToolTable } from '../parse/tool-table.ts'
import type { LoopFinding, LoopRule } from './loop-finding.ts'
import type { LoopOptions } from './loop-options.ts'
import type { ToolStep } from './tool-step.ts'

/**
 * The first rule that holds, most certain first. All look at the end of the history: whatever brings something new ends a
 * run, so polling that moves, paging, and the same test after another edit are no loops.
 */
export function progressFinding(steps: readonly ToolStep[], options: LoopOptions): LoopFinding | undefined {
  return (
    sameCall(steps, options) ??
    sameError(steps, options) ??
    cycle(steps, options) ??
    cosmeticChange(steps) ??
    sameResult(steps) ??
    sameText(steps) ??
    invalidCall(steps, options) ??
    turnCap(steps, options)
  )
}

/** 1. The same call with the same result. */
function sameCall(steps: readonly ToolStep[], options: LoopOptions): LoopFinding | undefined {
  const threshold = Math.max(options.repeatThreshold, patience(steps.slice(-1), options))
  return run('same-call', steps, threshold, (step, last) => step.equals(last))
}

/** 2. The same call, always an error, even if its text differs; or one tool with other arguments, always the same error. */
function sameError(steps: readonly ToolStep[], options: LoopOptions): LoopFinding | undefined {
  if (steps.at(-1)?.isError !== true) return undefined
  const threshold = Math.max(options.repeatThreshold, patience(steps.slice(-1), options))
  return (
    run('same-error', steps, threshold, (step, last) => step.isError && step.callsLike(last)) ??
    run('same-error', steps, variedErrorThreshold, (step, last) => step.usesToolOf(last) && step.failsLike(last))
  )
}

/** Guesses at a name end somewhere. */
const variedErrorThreshold = 8

/** Who waits for a build or a server asks often and hears the same; what never comes is to be found as well. */
function patience(steps: readonly ToolStep[], { repeatThreshold }: LoopOptions): number {
  return steps.some(({ isWaiting }) => isWaiting) ? Math.ceil((repeatThreshold * waitingFactor) / steps.length) : 0
}

const waitingFactor = 8

/**
 * 3. A few calls in turn, over and over, with the same results. Very short ones must come round once more, and so must
 * as many calls as somebody may make twice to be sure.
 */
function cycle(steps: readonly ToolStep[], options: LoopOptions): LoopFinding | undefined {
  const { repeatThreshold } = options
  for (let length = 2; length <= cycleLengthMax; length++) {
    const least = length === 4 || length === 5 ? Math.max(2, repeatThreshold - 1) : repeatThreshold
    const threshold = Math.max(least, patience(steps.slice(-length), options))
    let equal = 0
    while (equal < length * (threshold + countedBeyond) && isRepeated(steps, length, equal)) equal++
    const count = Math.floor(equal / length) + 1
    if (count >= threshold) return finding('cycle', count, threshold, steps.slice(-length))
  }
  return undefined
}

const cycleLengthMax = 8

/** The strictest step comes two repeats past the threshold; who has gone on for longer need not be counted to the end. */
const countedBeyond = 8

function isRepeated(steps: readonly ToolStep[], length: number, fromEnd: number): boolean {
  const step = steps[steps.length - 1 - fromEnd]
  const before = steps[steps.length - 1 - fromEnd - length]
  return step !== undefined && before?.equals(step) === true
}

/** 4. A reading tool that finds the same little, asked with the same words in another spelling. */
function cosmeticChange(steps: readonly ToolStep[]): LoopFinding | undefined {
  const last = steps.at(-1)
  if (last === undefined || last.isWaiting || !isReading(last) || last.outcome.length > tinyResultMax) return undefined
  const words = wordsOf(last)
  return run('cosmetic-change', steps, cosmeticThreshold, (step) => wordsOf(step) === words && step.endsLike(last))
}

const cosmeticThreshold = 6
const tinyResultMax = 200

function isReading({ round }: ToolStep): boolean {
  return round.calls.every(({ name }) => /read|list|glob|grep|search|find|view|fetch|get|^ls$|^cat$/i.test(name))
}

function wordsOf({ round }: ToolStep): string {
  return round.calls
    .map(({ name, argumentsText }) => name + argumentsText.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, ''))
    .join(' ')
}

/** 5. One tool that finds the same, however it is asked: another limit each time, another place behind the end. */
function sameResult(steps: readonly ToolStep[]): LoopFinding | undefined {
  const last = steps.at(-1)
  if (last === undefined || last.isWaiting || last.round.calls.some(({ name }) => writes.test(name))) return undefined
  const isTiny = last.outcome.length <= tinyResultMax
  if (isTiny && !isReading(last)) return undefined
  const threshold = isTiny ? tinyResultThreshold : sameResultThreshold
  return run('same-result', steps, threshold, (step) => step.usesToolOf(last) && step.endsLike(last))
}

const sameResultThreshold = 6
/** Searches for many words find nothing for most. */
const tinyResultThreshold = 10
const writes = /write|edit|patch|create|insert|replace|update|delete|move|append|apply/i

/** 6. The same sentences before each call. */
function sameText(steps: readonly ToolStep[]): LoopFinding | undefined {
  const last = steps.at(-1)
  if (last === undefined || last.text.trim().length < sentenceMin) return undefined
  return run('same-text', steps, textThreshold, (step) => step.text.trim() === last.text.trim() && step.endsLike(last))
}

const textThreshold = 3
const sentenceMin = 20

/** 7. Tools that do not exist, again and again. */
function invalidCall(steps: readonly ToolStep[], { tools }: LoopOptions): LoopFinding | undefined {
  if (tools === undefined || tools.length === 0) return undefined
  const table = createToolTable(tools)
  return run('invalid-call', steps, invalidThreshold, ({ round }) =>
    round.calls.every(({ name }) => !table.isOffered(name)),
  )
}

const invalidThreshold = 3

/**
 * 8. Very many rounds since a person said something. Real tasks take dozens: who finds something new most of the time is
 * only reminded shortly before the end, who does not, long before.
 */
function turnCap(steps: readonly ToolStep[], { softTurns, maxTurns }: LoopOptions): LoopFinding | undefined {
  if (steps.length < Math.min(softTurns, maxTurns)) return undefined
  if (steps.length < maxTurns * lateReminder && bringsNews(steps)) return undefined
  return { ...finding('turn-cap', steps.length, maxTurns, steps.slice(-1)), excess: steps.length - maxTurns }
}

/** A part of the rounds that a task may take. */
const lateReminder = 7 / 8

/** Half of the latest rounds made a call that had not been made before, and that did not fail. */
function bringsNews(steps: readonly ToolStep[]): boolean {
  const called = new Set<string>()
  const news = steps.map(({ callKey, isError }) => {
    const isNew = !isError && !called.has(callKey)
    called.add(callKey)
    return isNew
  })
  return news.slice(-newsLookedFor).filter(Boolean).length * 2 >= Math.min(newsLookedFor, steps.length)
}

const newsLookedFor = 20

/** How many steps at the end are alike, if they are many enough. */
function run(
  rule: LoopRule,
  steps: readonly ToolStep[],
  threshold: number,
  isLike: (step: ToolStep, last: ToolStep) => boolean,
): LoopFinding | undefined {
  const last = steps.at(-1)
  if (last === undefined) return undefined
  let count = 0
  for (let step = steps.at(-1); step !== undefined && isLike(step, last); step = steps.at(-1 - count))
    if (++count === threshold + countedBeyond) break
  return count >= threshold ? finding(rule, count, threshold, [last]) : undefined
}

function finding(rule: LoopRule, count: number, threshold: number, steps: readonly ToolStep[]): LoopFinding {
  const tools = new Set(steps.flatMap(({ round }) => round.calls.map(({ name }) => name)))
  return { rule, count, threshold, excess: count - threshold, tools: [...tools] }
}
