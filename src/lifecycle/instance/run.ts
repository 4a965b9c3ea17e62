import { randomUUID } from 'node:crypto'

import type { Logger } from '../../core/logger.ts'
import { explainExit } from '../exit/explain-exit.ts'
import { explainStartError } from '../exit/explain-start-error.ts'
import type { LaunchPlan, ModelLaunch } from '../launch-plan.ts'
import type { MemoryProbe } from '../memory/memory-probe.ts'
import { MemoryWatch } from '../memory/memory-watch.ts'
import { openLogFile } from '../output/log-file.ts'
import type { LogFile } from '../output/log-file.ts'
import type { LogLine, LogRing } from '../output/log-ring.ts'
import type { ChildJournal, JournalEntry } from '../process/child-journal.ts'
import { endGroup } from '../process/end-group.ts'
import { engineEnvironment } from '../process/engine-environment.ts'
import { shownCommand } from '../process/shown-command.ts'
import type { PortLease, PortLeases } from '../process/port-leases.ts'
import { readGroup, readIdentity } from '../process/process-table.ts'
import { spawnGroup } from '../process/spawn-group.ts'
import type { ProcessExit, SpawnedGroup } from '../process/spawn-group.ts'
import type { EngineMomentName } from './engine-moment.ts'
import { failureLinesMax, launchFailure } from './launch-failure.ts'
import type { LaunchFailure } from './launch-failure.ts'

export interface RunParts {
  readonly launch: ModelLaunch
  readonly leases: PortLeases
  readonly journal: ChildJournal
  /** For its output, beside the folder of the plan. */
  readonly logFolders: readonly string[]
  readonly ring: LogRing
  readonly memoryProbes: Readonly<Record<string, MemoryProbe>>
  readonly logger: Logger
  readonly onMoment?: (name: EngineMomentName) => void
}

/** What an engine has left behind has nobody to answer to, and somebody may be waiting for a fresh start. */
const leftoverTimeoutMs = 1_000

/** One process from its port to its grave: everything that a start takes and its end gives back. */
export class Run {
  readonly #parts: RunParts
  readonly #mark = randomUUID()
  /** Number of the line that announces it: those before belong to earlier runs. */
  #firstLine = Infinity
  #watches: readonly MemoryWatch[] = []
  #hasExited = false
  #lease: PortLease | undefined
  #logFile: LogFile | undefined
  #plan: LaunchPlan | undefined
  #group: SpawnedGroup | undefined
  #entry: JournalEntry | undefined

  constructor(parts: RunParts) {
    this.#parts = parts
  }

  /** Known from the moment in which it has a port. */
  get plan(): LaunchPlan | undefined {
    return this.#plan
  }

  get pid(): number | undefined {
    return this.#group?.pid
  }

  get logPath(): string | undefined {
    return this.#logFile?.path
  }

  /**
   * Starts the process. `onExit` is called when it has ended, whoever wanted that.
   *
   * @throws the system's error when there is no port or no such program; `end` is called in that case too.
   */
  async start(onExit: (exit: ProcessExit) => void): Promise<void> {
    const { launch, leases, memoryProbes, ring } = this.#parts
    const { bindHost: host, port } = launch
    this.#lease = await leases.lease({ host, ...(port !== undefined && { port }) })
    const plan = launch.planFor(this.#lease.port)
    this.#plan = plan
    this.#logFile = await this.#openLog(plan)
    this.#watches = plan.pools.flatMap((pool) => {
      const probe = memoryProbes[pool]
      return probe === undefined ? [] : new MemoryWatch(probe)
    })
    await this.#lease.handOver()
    this.#firstLine = ring.note(`starting ${shownCommand(plan.argv)}`)
    this.#group = await spawnGroup({ ...plan, env: this.#environment(plan) }, (chunk, stream) => {
      ring.write(chunk, stream)
      this.#logFile?.write(chunk)
    })
    this.#entry = this.#record(plan.name, this.#group.pid)
    void this.#group.exit.then((exit) => {
      this.#hasExited = true
      ring.flush()
      onExit(exit)
    })
  }

  /** It has become ready: what it has of its memory now is what it takes. */
  loaded(): void {
    for (const watch of this.#watches) watch.loaded(this.#memberIds())
  }

  /**
   * Ends every process and resolves when they are gone, their memory has been seen free, and all that the start took has
   * been given back. Bounded by the plan's stop time-out and fifteen seconds; `hurry` leaves the first of them away.
   */
  async end(hurry: AbortSignal): Promise<void> {
    if (this.#group !== undefined && this.#plan !== undefined) await this.#endProcesses(this.#group, this.#plan, hurry)
    if (this.#entry !== undefined) this.#parts.journal.forget(this.#entry)
    this.#group?.release()
    this.#parts.ring.flush()
    await Promise.all([this.#lease?.release(), this.#logFile?.close()])
    this.#parts.onMoment?.('freed')
  }

  /** Why it ended, or is not ready, by its last lines. */
  explainExit(exit?: ProcessExit): LaunchFailure {
    const lines = this.#ownLines()
    const said = lines.filter(({ stream }) => stream !== 'llmr').map(({ text }) => text)
    const explanation = explainExit({ lines: said, ...(exit !== undefined && { exit }) })
    return launchFailure(explanation, { lines, ...(exit !== undefined && { exit }) })
  }

  /** Why `start` threw. */
  explainStartError(error: unknown): LaunchFailure {
    return launchFailure(explainStartError(error, this.#plan), { lines: this.#ownLines() })
  }

  #ownLines(): readonly LogLine[] {
    return this.#parts.ring.lines(failureLinesMax).filter(({ number }) => number > this.#firstLine)
  }

  async #endProcesses(group: SpawnedGroup, plan: LaunchPlan, hurry: AbortSignal): Promise<void> {
    const { logger, ring, onMoment } = this.#parts
    const { pid, exit } = group
    const members = this.#memberIds()
    await Promise.all(this.#watches.map((watch) => watch.stopping(members)))
    onMoment?.('signalled')
    const how = await endGroup({
      pid,
      stop: this.#hasExited ? { signal: plan.stop.signal, timeoutMs: leftoverTimeoutMs } : plan.stop,
      env: this.#environment(plan),
      exit,
      hurry,
      onOutput: (chunk) => ring.write(chunk, 'stderr'),
    })
    if (how === 'killed') ring.note('did not end when asked, and was killed')
    onMoment?.('exited')
    // What it printed last belongs to its log.
    if (how !== 'stuck') await exit
    if (how === 'stuck') logger.error({ model: plan.name, pid }, 'an engine could not be killed: a driver holds it')
    // When llmr itself ends there is no next start.
    if (hurry.aborted) return
    const isFreed = await Promise.all(this.#watches.map((watch) => watch.freed(members)))
    if (!isFreed.every(Boolean)) {
      logger.warn({ model: plan.name, pools: plan.pools }, 'an engine is gone, but its memory was not seen free')
    }
  }

  async #openLog(plan: LaunchPlan): Promise<LogFile> {
    const { folder } = plan.log
    const { logFolders, logger, ring } = this.#parts
    const file = await openLogFile({
      model: plan.name,
      folders: [...(folder === undefined ? [] : [folder]), ...logFolders],
    })
    if (file.passedOver.length > 0) {
      const fields = { model: plan.name, passed_over: file.passedOver, log_file: file.path ?? 'none' }
      logger.warn(fields, "an engine's output is kept elsewhere than asked for")
      ring.note(`output is kept in ${file.path ?? 'memory alone'}: ${file.passedOver.join('; ')}`)
    }
    return file
  }

  #environment({ env }: LaunchPlan): NodeJS.ProcessEnv {
    return engineEnvironment({ own: process.env, added: env, mark: this.#mark })
  }

  #record(model: string, pid: number): JournalEntry | undefined {
    const child = readIdentity(pid)
    const owner = readIdentity(process.pid)
    // It has ended already: there is nothing to be found later.
    if (child === undefined || owner === undefined) return undefined
    const entry = { model, child, owner, mark: this.#mark }
    this.#parts.journal.record(entry)
    return entry
  }

  #memberIds(): readonly number[] {
    return this.#group === undefined ? [] : readGroup(this.#group.pid).map(({ pid }) => pid)
  }
}
