import { setTimeout as delay } from 'node:timers/promises'

import type { StopPlan } from '../launch-plan.ts'
import { isGroupGone, signalGroup } from './process-group.ts'
import { spawnGroup } from './spawn-group.ts'

export interface EndGroup {
  readonly pid: number
  readonly stop: StopPlan
  /** For the stop command. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Wakes the wait early when the leader has ended. */
  readonly exit?: Promise<unknown>
  /** From here on there is no time for anything but SIGKILL. */
  readonly hurry?: AbortSignal
  readonly onOutput?: (chunk: Buffer) => void
}

/** `asked`: it went by itself. `killed`: it had to be. `stuck`: it is still there, in the hands of a driver. */
export type GroupEnd = 'asked' | 'killed' | 'stuck'

/** SIGKILL works at once, unless a driver holds the process: then its memory takes as long to come back. */
const killTimeoutMs = 10_000

/**
 * Ends a process group and waits until every member is gone: asks, then kills. Takes at most the stop's time-out and
 * ten seconds.
 */
export async function endGroup({ pid, stop, env, exit, hurry, onOutput }: EndGroup): Promise<GroupEnd> {
  if (isGroupGone(pid)) return 'asked'
  if (hurry?.aborted !== true) {
    const asking = ask({ pid, stop, env, onOutput: onOutput ?? (() => undefined) })
    const isGone = await untilGone({ pid, timeoutMs: stop.timeoutMs, ...(exit && { exit }), ...(hurry && { hurry }) })
    await asking.end()
    if (isGone) return 'asked'
  }
  signalGroup(pid, 'SIGKILL')
  const isGone = await untilGone({ pid, timeoutMs: killTimeoutMs, ...(exit && { exit }) })
  return isGone ? 'killed' : 'stuck'
}

interface Ask {
  readonly pid: number
  readonly stop: StopPlan
  readonly env: EndGroup['env']
  readonly onOutput: (chunk: Buffer) => void
}

/** `end` waits until nothing of the asking itself is left, such as a stop command that hangs. */
function ask({ pid, stop, env, onOutput }: Ask): { end(): Promise<void> } {
  const bySignal = (): void => signalGroup(pid, stop.signal)
  if (stop.command === undefined) {
    bySignal()
    return { end: () => Promise.resolve() }
  }
  const [program, ...args] = stop.command
  const argv = [program, ...args.map((word) => word.replaceAll('${PID}', String(pid)))] as const
  const running = spawnGroup({ argv: [...argv], env }, onOutput)
  const outcome = running.then(({ exit }) => exit)
  outcome.then(
    ({ code }) => {
      if (code !== 0) bySignal()
    },
    bySignal, // no such program: the signal is what is left
  )
  return {
    end: async () => {
      const command = await running.catch(() => undefined)
      if (command === undefined) return
      if (!isGroupGone(command.pid)) signalGroup(command.pid, 'SIGKILL')
      // Its last output is read before its pipes are given up.
      await command.exit
      command.release()
    },
  }
}

interface UntilGone {
  readonly pid: number
  readonly timeoutMs: number
  readonly exit?: Promise<unknown>
  readonly hurry?: AbortSignal
}

const pollMs = 20

/** Nobody tells when the last of a group has gone, only when its leader has: hence the polling. */
async function untilGone({ pid, timeoutMs, exit, hurry }: UntilGone): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  let waker: Promise<unknown> | undefined = exit?.then(() => (waker = undefined))
  while (!isGroupGone(pid)) {
    if (performance.now() >= deadline || hurry?.aborted === true) return false
    const pause = new AbortController()
    const tick = delay(pollMs, undefined, { signal: pause.signal }).catch(() => undefined)
    await (waker === undefined ? tick : Promise.race([tick, waker]))
    pause.abort()
  }
  return true
}
