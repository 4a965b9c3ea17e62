import { seededWeakness } from './habits/random-habits.ts'
import type { AgentRun } from './run-agent.ts'
import type { AgentBenchReport, TaskResult } from './run-agent-bench.ts'

type FormatTable = (header: readonly string[], rows: readonly (readonly string[])[]) => string

/** Each task with how it went on both ways, and the sum; of tasks by seeds those that were not done through llmr. */
export function formatAgents({ tasks, done }: AgentBenchReport, formatTable: FormatTable): string {
  const isScripted = tasks.some(({ weakness }) => weakness !== undefined)
  const header = [...(isScripted ? ['the model…'] : []), 'task', 'directly', 'through llmr', 'by']
  const isBySeeds = tasks.some(({ weakness }) => weakness === seededWeakness)
  const shown = isBySeeds ? tasks.filter(({ through }) => !through.isDone) : tasks
  const rows = shown.map((result) => [
    ...(isScripted ? [`${result.weakness}: ${result.habit}`] : []),
    result.task,
    outcome(result.directly),
    outcome(result.through),
    result.through.interventions.join(', ') || '–',
  ])
  const sum = `Done: ${done.directly} of ${tasks.length} directly, ${done.through} of ${tasks.length} through llmr.`
  return rows.length === 0 ? sum : `${formatTable(header, rows)}\n\n${sum}`
}

export function describeTask({ weakness, habit, task, directly, through }: TaskResult): string {
  const who = weakness === undefined ? task : `${weakness} (${habit})`
  return `${who}: directly ${outcome(directly)}, through llmr ${outcome(through)}`
}

function outcome({ isDone, turns, end }: AgentRun): string {
  const inTurns = `${turns} ${turns === 1 ? 'turn' : 'turns'}`
  if (isDone && end === 'answered') return `done in ${inTurns}`
  if (isDone) return `done, but ${end}`
  return end === 'answered' ? `wrong after ${inTurns}` : end
}
