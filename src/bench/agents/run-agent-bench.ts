import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { mintId } from '../../core/identifier.ts'
import { startSimulatedEngine } from '../../sim/simulated-engine.ts'
import { type BenchGateway, startBenchGateway } from '../swaps/start-gateway.ts'
import { type AgentTask, agentTask } from './agent-task.ts'
import { randomHabits } from './habits/random-habits.ts'
import { interventionsOf } from './interventions-of.ts'
import { type AgentRun, runAgent } from './run-agent.ts'
import { scriptedTurn } from './scripted-model.ts'
import { weakHabits } from './weak-habits.ts'
import type { WeakHabit } from './weak-turn.ts'

export interface AgentBenchOptions {
  /** A model of the operator's own; absent: the scripted ones. */
  readonly own: OwnModel | undefined
  /** Tasks of models that draw their faults, in place of the twenty; each its own seed, from this one on. */
  readonly random?: { readonly count: number; readonly seed: number } | undefined
  /** How tools reach the model, as `toolcalls.lane` says it. */
  readonly lane: string
  readonly turnsMax: number
  /** Of one reply. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly onTask: (result: TaskResult) => void
}

export interface OwnModel {
  /** Of an engine with OpenAI's chat. */
  readonly url: string
  readonly model: string
}

export interface AgentBenchReport {
  readonly model: string
  readonly lane: string
  readonly tasks: readonly TaskResult[]
  readonly done: { readonly directly: number; readonly through: number }
}

export interface TaskResult {
  /** Absent for a model of the operator's own. */
  readonly weakness?: string
  readonly habit?: string
  readonly task: string
  readonly directly: AgentRun
  readonly through: AgentRun & { readonly interventions: readonly string[] }
}

/**
 * An agent does twenty small tasks, each with the engine alone and with llmr before it. Everything it needs is started and
 * ended by it; a model of the operator's own is only asked.
 *
 * @throws what the signal says once it is given
 */
export async function runAgentBench(options: AgentBenchOptions): Promise<AgentBenchReport> {
  const { own, lane, random } = options
  const folder = await mkdtemp(join(tmpdir(), 'llmr-bench-'))
  const habits = random === undefined ? weakHabits : randomHabits(random)
  let habit = habits[0]
  let task: AgentTask | undefined
  const engine =
    own === undefined
      ? await startSimulatedEngine({
          model: scriptedModel,
          script: (request) => habit && task && scriptedTurn(habit, task, request),
        })
      : undefined
  const backend = own ?? { url: engine?.url ?? '', model: scriptedModel }
  let gateway: BenchGateway | undefined
  try {
    gateway = await startBenchGateway({ folder, dataDirectory: folder, yaml: configFor(backend, lane) })
    const tasks: TaskResult[] = []
    for (const [index, one] of habits.entries()) {
      habit = one
      task = agentTask(one.task, (index % 100) + 1)
      const result = await compare({ ...options, backend, gateway, task, habit: own === undefined ? one : undefined })
      tasks.push({ ...result, task: `${one.task} ${index + 1}` })
      options.onTask({ ...result, task: `${one.task} ${index + 1}` })
    }
    const count = (side: 'directly' | 'through'): number => tasks.filter((result) => result[side].isDone).length
    return { model: backend.model, lane, tasks, done: { directly: count('directly'), through: count('through') } }
  } finally {
    await gateway?.close()
    await engine?.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const scriptedModel = 'scripted'

/** JSON is YAML. */
function configFor({ url, model }: OwnModel, lane: string): string {
  const backends = { engine: { url, models: [model] } }
  return `backends: ${JSON.stringify(backends)}\ntoolcalls: ${JSON.stringify({ models: { [model]: { lane } } })}`
}

async function compare(
  parts: AgentBenchOptions & {
    readonly backend: OwnModel
    readonly gateway: BenchGateway
    readonly task: AgentTask
    readonly habit: WeakHabit | undefined
  },
): Promise<Omit<TaskResult, 'task'>> {
  const { backend, gateway, task, habit, turnsMax, timeoutMs, signal } = parts
  const run = (url: string, correlationId: string): Promise<AgentRun> =>
    runAgent({ url, model: backend.model, task, correlationId, turnsMax, timeoutMs, signal })
  const directly = await run(backend.url, mintId())
  const id = mintId()
  const through = await run(gateway.url, id)
  const interventions = (await interventionsOf(gateway.url, id)).filter(
    // Where calls are read at all, so are those that the engine has read: it counts where a client took them for the answer.
    (kind) => kind !== 'calls-read' || (directly.end === 'answered' && !directly.isDone),
  )
  return { weakness: habit?.weakness, habit: habit?.habit, directly, through: { ...through, interventions } }
}
