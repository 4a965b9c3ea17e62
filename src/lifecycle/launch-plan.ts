/**
 * How to run one model, settled to the last word: made from a profile for one port, once per start. Plain data, so that
 * two plans can be compared and a plan can be shown.
 */
export interface LaunchPlan {
  /** The model's name, as the scheduler and logs know it. */
  readonly name: string
  /** Program and arguments; never read by a shell. */
  readonly argv: readonly [string, ...string[]]
  /** Set over llmr's own environment, less what belongs to llmr alone. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Address on which the engine listens, as llmr reaches it: `127.0.0.1`. */
  readonly host: string
  readonly port: number
  /** Where requests go: no trailing slash, no `/v1`. */
  readonly url: string
  /** Answered by 2xx once the engine can serve. Absent: it counts as ready as soon as it runs. */
  readonly readyUrl?: string
  /** From its start to the first good answer. */
  readonly readyTimeoutMs: number
  readonly stop: StopPlan
  /** Time given to requests at work before a stop that was asked for goes on without them. */
  readonly drainTimeoutMs: number
  readonly log: {
    /** Where its output is kept, if that can be written. */
    readonly folder?: string
  }
  /** Pools of memory it fills, such as `gpu0`: each is seen free before the stop counts as done. */
  readonly pools: readonly string[]
  readonly weights: {
    /** Files that a load reads. Empty: not known. */
    readonly files: readonly string[]
    /** It reads around the page cache, so filling that would help nobody. */
    readonly isDirectIo: boolean
  }
  /** Where it can save what it has read of conversations, and read it back; only for an engine that was started for it. */
  readonly slotFolder?: string
  /** Put to sleep instead of being stopped; only for an engine that was started for it. */
  readonly sleep?: { readonly level: 1 | 2 }
}

export interface StopPlan {
  /** Asks the engine to end, instead of a signal; `${PID}` in it becomes the process' id. Never read by a shell. */
  readonly command?: readonly [string, ...string[]]
  /** Sent to the whole process group, also when the command fails. */
  readonly signal: NodeJS.Signals
  /** From there to SIGKILL. */
  readonly timeoutMs: number
}

/** A model that can be started: the plan is made anew for each start, since the port may be another one. */
export interface ModelLaunch {
  readonly name: string
  /** Address whose ports are looked at: that on which the engine will listen. */
  readonly bindHost: string
  /** Absent: any free one. */
  readonly port?: number
  readonly planFor: (port: number) => LaunchPlan
}

/** What a plan is when nobody has said more. */
export const plainLaunch = {
  env: {},
  host: '127.0.0.1',
  readyTimeoutMs: 600_000,
  stop: { signal: 'SIGTERM', timeoutMs: 10_000 },
  drainTimeoutMs: 30_000,
  log: {},
  pools: [],
  weights: { files: [], isDirectIo: false },
} as const satisfies Partial<LaunchPlan>

/** True when a running engine would be started differently now. Ports are left out of it: they differ by nature. */
export function isOutdated(running: LaunchPlan, launch: ModelLaunch): boolean {
  return JSON.stringify(running) !== JSON.stringify(launch.planFor(running.port))
}
