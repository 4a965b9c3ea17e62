import { join } from 'node:path'

import { onTestFinished } from 'vitest'

import { silentLogger } from '../../../src/core/logger.ts'
import { plainLaunch } from '../../../src/lifecycle/launch-plan.ts'
import type { LaunchPlan, ModelLaunch } from '../../../src/lifecycle/launch-plan.ts'
import { startSupervisor } from '../../../src/lifecycle/supervisor/start-supervisor.ts'
import type { Supervisor, SupervisorOptions } from '../../../src/lifecycle/supervisor/supervisor.ts'
import type { SupervisorEvent } from '../../../src/lifecycle/supervisor/supervisor-event.ts'
import { readProcess } from '../../../src/lifecycle/process/process-table.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const folder = join(import.meta.dirname, '../../fixtures/processes')

export interface EngineOptions extends Partial<LaunchPlan> {
  readonly name?: string
  /** Absent: any. */
  readonly fixedPort?: number
  readonly args?: readonly string[]
}

/** A model whose engine is one of the tiny programs. */
export function engine(
  program: string,
  { name = 'tiny', fixedPort, args = [], ...plan }: EngineOptions = {},
): ModelLaunch {
  return {
    name,
    bindHost: '127.0.0.1',
    ...(fixedPort !== undefined && { port: fixedPort }),
    planFor: (port) => {
      const file = join(folder, program)
      const interpreter = program.endsWith('.sh') ? [] : [process.execPath]
      const [first, ...rest] = [...interpreter, file, String(port), ...args]
      return {
        ...plainLaunch,
        name,
        argv: [first ?? '', ...rest],
        port,
        url: `http://127.0.0.1:${port}`,
        readyUrl: `http://127.0.0.1:${port}/health`,
        ...plan,
      }
    },
  }
}

/** An engine that is taken as ready as soon as it runs. */
export function quickEngine(options: EngineOptions = {}): ModelLaunch {
  const launch = engine('waits.sh', options)
  return {
    ...launch,
    planFor: (port) => {
      const { readyUrl: _, ...plan } = launch.planFor(port)
      return plan
    },
  }
}

export interface TestSupervisor extends Supervisor {
  readonly events: readonly SupervisorEvent[]
  /** Resolves with the next event of this type, or the one that came after the last that was taken. */
  readonly next: <Type extends SupervisorEvent['type']>(
    type: Type,
  ) => Promise<Extract<SupervisorEvent, { readonly type: Type }>>
  readonly dataDirectory: string
}

export async function supervise(
  launches: readonly ModelLaunch[],
  options: Partial<SupervisorOptions> = {},
): Promise<TestSupervisor> {
  const dataDirectory = options.dataDirectory ?? temporaryFolder()
  const events: SupervisorEvent[] = []
  const listeners = new Set<() => void>()
  let taken = 0
  const supervisor = await startSupervisor({
    launches,
    dataDirectory,
    logger: silentLogger,
    ...options,
    report: (event) => {
      events.push(event)
      options.report?.(event)
      for (const listener of listeners) listener()
    },
  })
  onTestFinished(() => supervisor.close({ timeoutMs: 0 }))
  const next: TestSupervisor['next'] = (type) =>
    new Promise((resolve) => {
      const look = (): void => {
        const index = events.findIndex((event, at) => at >= taken && event.type === type)
        const event = events[index]
        if (event === undefined) return
        taken = index + 1
        listeners.delete(look)
        resolve(event as Extract<SupervisorEvent, { type: typeof type }>)
      }
      listeners.add(look)
      look()
    })
  return Object.assign(Object.create(null) as object, {
    carryOut: supervisor.carryOut.bind(supervisor),
    ensureReady: supervisor.ensureReady.bind(supervisor),
    ready: supervisor.ready.bind(supervisor),
    hasDied: supervisor.hasDied.bind(supervisor),
    stop: supervisor.stop.bind(supervisor),
    stopAll: supervisor.stopAll.bind(supervisor),
    configure: supervisor.configure.bind(supervisor),
    status: supervisor.status.bind(supervisor),
    logs: supervisor.logs.bind(supervisor),
    close: supervisor.close.bind(supervisor),
    events,
    next,
    dataDirectory,
  })
}

/** Resolves with the first line of a model's output, past or future, that matches. */
export function lineOf(supervisor: Supervisor, model: string, pattern: RegExp): Promise<RegExpExecArray> {
  const logs = supervisor.logs(model)
  if (logs === undefined) throw new Error(`no such model: ${model}`)
  return new Promise((resolve) => {
    let stop: (() => void) | undefined
    const look = ({ text }: { readonly text: string }): void => {
      const match = pattern.exec(text)
      if (match === null) return
      stop?.()
      resolve(match)
    }
    stop = logs.follow(look)
    logs.lines().forEach(look)
  })
}

/** False for a zombie: nobody may ever ask for a grandchild's exit code where these tests run. */
export function isRunning(pid: number): boolean {
  return readProcess(pid)?.isZombie === false
}
