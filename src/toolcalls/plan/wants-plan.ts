import type { Message } from '../../core/chat/message.ts'
import { textOf } from '../../core/chat/message.ts'
import { isFromPerson } from '../loop/tool-step.ts'

export interface PlanNeed {
  /** What a person asked for last. */
  readonly task: string
  /** False in the rounds after it: the plan of the task goes with them, but none is made in the middle. */
  readonly isNew: boolean
}

/**
 * Whether a turn is work on code of several steps. Short questions are better off without a plan: reading one costs the
 * model more than it saves.
 *
 * @param isCoding what the text is about
 */
export function wantsPlan(
  messages: readonly Message[],
  toolNames: readonly string[],
  isCoding: (text: string) => boolean,
): PlanNeed | undefined {
  const at = messages.findLastIndex(isFromPerson)
  const task = textOf(messages[at]?.parts ?? []).trim()
  if (!isComplex(task) || !(toolNames.some((name) => editor.test(name)) || isCoding(task))) return undefined
  return { task, isNew: at === messages.length - 1 }
}

function isComplex(task: string): boolean {
  if (task.length < shortMax) return false
  return task.length >= longMin || bigWords.test(task) || (task.match(listLine)?.length ?? 0) >= 2
}

/** Characters. */
const shortMax = 60
const longMin = 400
const bigWords =
  /\b(?:implement|refactor|rewrite|migrate|port|redesign|restructure|convert|integrate|add support|set up)\b/i
const listLine = /^\s*(?:\d{1,2}[.)]|[-*])\s/gm
const editor = /write|edit|patch|apply|replace|bash|shell|exec|command/i
