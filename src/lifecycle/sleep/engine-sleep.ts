import { openEngineConnection } from '../engine-connection.ts'
import type { LaunchPlan } from '../launch-plan.ts'
import { fallAsleep, type SleepCall, wakeUp } from './vllm-sleep.ts'

/** The first sleep copies the weights into pinned memory, which takes as long as reading them. */
const sleepTimeoutMs = 120_000

/**
 * Puts the engine of a plan to sleep, within two minutes. Nothing may run on it.
 *
 * @throws BackendFailure, or an error when it stays awake or was not started for it
 */
export function sleepEngine(plan: LaunchPlan | undefined, signal: AbortSignal): Promise<void> {
  return tell(plan, fallAsleep, AbortSignal.any([signal, AbortSignal.timeout(sleepTimeoutMs)]))
}

/**
 * Wakes it, within the time that a start may take.
 *
 * @throws BackendFailure, or an error when it was not started for it
 */
export function wakeEngine(plan: LaunchPlan, signal: AbortSignal): Promise<void> {
  return tell(plan, wakeUp, AbortSignal.any([signal, AbortSignal.timeout(plan.readyTimeoutMs)]))
}

async function tell(
  plan: LaunchPlan | undefined,
  wish: (call: SleepCall) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  if (plan?.sleep === undefined) throw new Error('this engine was not started for it')
  const connection = openEngineConnection(plan)
  try {
    await wish({ connection, level: plan.sleep.level, signal })
  } finally {
    await connection.destroy()
  }
}
